using Media.Bandit;
using Media.Events;
using Media.Jobs;
using Media.Lake;
using Media.Registry;
using Media.Streaming;
using Spectre.Console;

namespace Media.Tests.Jobs;

public sealed class RunBanditTests : IDisposable
{
    private const long Start = 1_767_225_600_000_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("media-bandit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AdThatTheApiChose_IsLearnedOnce_AndTheSnapshotSaysUpToWhen()
    {
        var cancel = TestContext.Current.CancellationToken;
        var folder = new JourneyFolder(_folder);
        var lake = new LocalObjectStore(folder.Lake);
        // Forty ads that only the log knows, and ten that the API chose, whose events came through the log too: every click would count twice.
        LoggedDecision[] decisions = [.. Enumerable.Range(0, 10).Select(i => new LoggedDecision($"api{i}", BanditSnapshot.AdSlot, "u1", "in_article", 0.4, "1.1", Start + i))];
        List<MediaEvent> events = [];
        for (var i = 0; i < 40; i++) AddAd(events, $"log{i}", (AdSlot)(i % 5), clicked: i % 8 == 0);
        foreach (var decision in decisions) AddAd(events, decision.DecisionId, AdSlot.InArticle, clicked: true);
        LoggedReward[] rewards = [.. decisions.Take(7).Select((d, i) => new LoggedReward(d, true, 0.5, Start + 1_000 + Math.Min(i, 5)))];
        await AppendAsync(lake, Tables.Events, EventColumns.From([.. events.Select((e, i) => new ConsumedEvent(e, 0, i))], []), cancel);
        await AppendAsync(lake, Tables.Decisions, DecisionColumns.From(decisions), cancel);
        await AppendAsync(lake, Tables.Rewards, DecisionColumns.From(rewards), cancel);

        var result = await RunBandit.RunAsync(folder, rounds: 100, seeds: 2, seed: 1, Quiet(), TimeProvider.System, cancel);

        // Two rewards share the newest instant, so five are inside: 40 + 5, none of the ten by its events.
        Assert.Equal(45, result!.Decisions);
        // Too few to compare policies, so the plain one serves.
        var plain = await CurrentAsync<BanditSnapshot>(folder);
        Assert.Equal(EpochMicros.Instant(Start + 1_005), plain.RewardsUpTo);
        Assert.Equal(45 + 5 * 2, plain.Arms.Sum(a => a.Click.Alpha + a.Click.Beta));
        Assert.Equal(new ThompsonOptions().UpdatesPerVersion, plain.UpdatesPerVersion);
        Assert.Equal(("thompson_sampling", 1, plain.Reason), (result.Served, result.Version, result.Reason));
        Assert.Contains("too few", plain.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PolicyThatTheLogFindsBest_IsSavedWithItsReason()
    {
        var cancel = TestContext.Current.CancellationToken;
        var folder = new JourneyFolder(_folder);
        // Each segment clicks another slot, one time in four.
        List<MediaEvent> events = [];
        for (var i = 0; i < 6_000; i++)
        {
            var (segment, slot) = (i % 2 == 0 ? UserSegment.Casual : UserSegment.PowerUser, (AdSlot)(i / 2 % 5));
            AddAd(events, $"log{i}", slot, clicked: slot == (segment == UserSegment.Casual ? AdSlot.Header : AdSlot.Footer) && i / 10 % 4 == 0, segment);
        }
        await AppendAsync(new LocalObjectStore(folder.Lake), Tables.Events, EventColumns.From([.. events.Select((e, i) => new ConsumedEvent(e, 0, i))], []), cancel);

        var result = await RunBandit.RunAsync(folder, rounds: 100, seeds: 2, seed: 1, Quiet(), TimeProvider.System, cancel);

        var saved = await CurrentAsync<ContextualSnapshot>(folder);
        Assert.Equal(("contextual_thompson", saved.Reason), (result!.Served, result.Reason));
        Assert.StartsWith("contextual_thompson serves in place of thompson_sampling: ", saved.Reason, StringComparison.Ordinal);
        Assert.Equal(3_000, saved.Contexts.Single(c => c.Name == "casual").Arms.Sum(a => a.Decisions));
        Assert.True(saved.ToPolicy().Propensities("casual")[(int)AdSlot.Header] > 0.9 && saved.ToPolicy().Propensities("power_user")[(int)AdSlot.Footer] > 0.9);
        Assert.Contains(result.OffPolicy, v => v.Estimator == "contextual_thompson, replay");
    }

    [Fact]
    public async Task NothingServedYet_LeavesEveryRewardToTheApi()
    {
        var cancel = TestContext.Current.CancellationToken;
        var folder = new JourneyFolder(_folder);
        List<MediaEvent> events = [];
        for (var i = 0; i < 20; i++) AddAd(events, $"log{i}", (AdSlot)(i % 5), clicked: i % 4 == 0);
        await AppendAsync(new LocalObjectStore(folder.Lake), Tables.Events, EventColumns.From([.. events.Select((e, i) => new ConsumedEvent(e, 0, i))], []), cancel);
        Assert.Equal(20, (await RunBandit.RunAsync(folder, rounds: 100, seeds: 2, seed: 1, Quiet(), TimeProvider.System, cancel))!.Decisions);
        Assert.Null((await CurrentAsync<BanditSnapshot>(folder)).RewardsUpTo);
    }

    private static async Task<T> CurrentAsync<T>(JourneyFolder folder) where T : IBanditSnapshot =>
        Assert.IsType<T>((await new BanditRegistry(new LocalObjectStore(folder.Registry)).CurrentAsync(BanditSnapshot.AdSlot, TestContext.Current.CancellationToken))!.Snapshot);

    private static void AddAd(List<MediaEvent> events, string decision, AdSlot slot, bool clicked, UserSegment segment = UserSegment.Casual)
    {
        var (user, at) = (new UserId("u1"), Start + events.Count);
        events.Add(new AdImpression { EventId = new EventId(Guid.NewGuid()), EventTimeMicros = at, UserId = user, SchemaVersion = 1, UserSegment = segment, AdSlot = slot, DecisionId = decision, Propensity = 0.2 });
        if (clicked) events.Add(new AdClick { EventId = new EventId(Guid.NewGuid()), EventTimeMicros = at + 1, UserId = user, SchemaVersion = 1, UserSegment = segment, AdSlot = slot, DecisionId = decision, RevenueUsd = 0.5 });
    }

    private static async Task AppendAsync(IObjectStore lake, TableSchema schema, Apache.Arrow.RecordBatch rows, CancellationToken cancel) =>
        await (await DeltaTable.CreateOrOpenAsync(lake, schema.Name, schema, cancel)).AppendAsync([rows], transaction: null, cancel);

    private static JobConsole Quiet() => new(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.IO.TextWriter.Null) }), terminal: false);
}
