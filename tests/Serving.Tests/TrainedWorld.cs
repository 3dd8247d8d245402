using Media.Bandit;
using Media.Events;
using Media.Features;
using Media.Lake;
using Media.Models;
using Media.Registry;
using Media.Sessions;

namespace Media.Tests.Serving;

/// <summary>A small lake and registry made by the real code: readers who come often or seldom, their features, a churn model fitted on them.</summary>
public sealed class TrainedWorld : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly DateTimeOffset AsOf = Start.AddDays(120);

    public string Folder { get; } = Directory.CreateTempSubdirectory("media-serving-").FullName;
    public FeatureBatch Latest { get; private set; } = null!;
    public IModel Churn { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var timelines = Timelines();
        var training = new ChurnEstimator().RowsOf(new History(timelines, ArticleLog.Empty), [EpochMicros.Of(Start.AddDays(60)), EpochMicros.Of(Start.AddDays(90))], CancellationToken.None);
        Churn = new ChurnEstimator().Fit(training.X, training.Y, CancellationToken.None);
        Latest = FeatureCatalog.Build(timelines, EpochMicros.Of(AsOf));
        await SaveModelAsync(Folder, Churn, training.Y.Average());
        await SaveFeaturesAsync(Folder, training.X, Latest);
        await new BanditRegistry(new LocalObjectStore(Path.Combine(Folder, "registry"))).SaveAsync(Snapshot(), CancellationToken.None);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    public static BanditSnapshot Snapshot(long policyVersion = 40) => BanditSnapshot.Of(
        new ThompsonSampling([.. Enumerable.Range(0, 5).Select(i => new ArmPosterior(new BetaPosterior(5 + i, 200), new GammaPosterior(6 + i, 4, 1)))], policyVersion, new ThompsonOptions { UpdatesPerVersion = 10 }),
        AdSlotName, Vocabulary<AdSlot>.Names, AsOf, rewardsUpTo: null);

    /// <summary>Casual readers click the third slot, power users the first, one time in twenty; the others one in a hundred.</summary>
    public static ContextualSnapshot SnapshotBySegment() => ContextualSnapshot.Of(
        new ContextualThompson(5, [Evidence("casual", bestSlot: 2), Evidence("power_user", bestSlot: 0)], 1, new ThompsonOptions { UpdatesPerVersion = 10 }),
        AdSlotName, Vocabulary<AdSlot>.Names, AsOf, rewardsUpTo: null);

    private static ContextEvidence Evidence(string segment, int bestSlot) =>
        new(segment, 1, [.. Enumerable.Range(0, 5).Select(slot => slot == bestSlot ? new ArmEvidence(2_000, 100, 50) : new ArmEvidence(2_000, 20, 10))]);

    public const string AdSlotName = "ad_slot";

    public static async Task SaveModelAsync(string folder, IModel model, double baseRate)
    {
        using var bytes = new MemoryStream();
        model.Save(bytes);
        var card = new ModelCard
        {
            Name = "churn", Label = new ChurnEstimator().LabelDefinition, Features = model.Features, TrainAsOf = [Start.AddDays(60), Start.AddDays(90)], HorizonDays = 28,
            TrainRows = 1, TrainBaseRate = baseRate, GitCommit = "unknown", Seed = 1, TrainedAt = AsOf, Gain = "no gain was measured",
            Metrics = [new ModelMetrics("churn", [new MetricEstimate("auc", 0.8, 0.75, 0.85)])],
        };
        await new ModelRegistry(new LocalObjectStore(Path.Combine(folder, "registry")), TimeProvider.System).SaveAsync("churn", bytes.ToArray(), card, CancellationToken.None);
    }

    public static async Task SaveFeaturesAsync(string folder, params FeatureBatch[] batches)
    {
        var table = await DeltaTable.CreateOrOpenAsync(new LocalObjectStore(Path.Combine(folder, "lake")), Tables.Features.Name, Tables.Features, CancellationToken.None);
        foreach (var batch in batches) await table.AppendAsync([FeatureColumns.From(batch)], transaction: null, CancellationToken.None);
    }

    private static IReadOnlyList<UserTimeline> Timelines()
    {
        var random = new Random(5);
        var sessions = new List<Session>();
        for (var user = 0; user < 300; user++)
        {
            var gapDays = user % 3 == 0 ? 1.5 : user % 3 == 1 ? 6 : 25;
            for (var day = random.NextDouble() * gapDays; day < 150; day += gapDays * (0.2 + 1.6 * random.NextDouble())) sessions.Add(Session($"user-{user:D3}", day, random));
        }
        return UserTimelines.From(sessions);
    }

    private static Session Session(string user, double day, Random random)
    {
        var start = EpochMicros.Of(Start.AddDays(day));
        var metrics = new double[SessionMetrics.All.Count];
        for (var i = 0; i < metrics.Length; i++) metrics[i] = random.Next(5);
        return new Session
        {
            SessionId = $"{user}-{start}", UserId = new UserId(user), SessionStartMicros = start, SessionEndMicros = start + 300_000_000, ClosedBy = ClosedBy.Gap, Metrics = metrics,
            Brand = "welt", Country = "DE", DeviceType = DeviceType.Mobile, SubscriptionTier = SubscriptionTier.Free, UserSegment = UserSegment.Casual, TopCategory = "politics",
        };
    }

}
