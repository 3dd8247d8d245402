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
        var registry = new BanditRegistry(new LocalObjectStore(folder.Registry));
        var plain = (await registry.CurrentAsync(BanditSnapshot.AdSlot, cancel))!.Snapshot;
        var contextual = (await registry.CurrentContextualAsync(ContextualSnapshot.AdSlotBySegment, cancel))!.Snapshot;
        Assert.Equal(EpochMicros.Instant(Start + 1_005), plain.RewardsUpTo);
        Assert.Equal(plain.RewardsUpTo, contextual.RewardsUpTo);
        Assert.Equal(45 + 5 * 2, plain.Arms.Sum(a => a.Click.Alpha + a.Click.Beta));
        Assert.Equal(45, contextual.Contexts.Single(c => c.Name == "casual").Arms.Sum(a => a.Decisions));
        Assert.Equal(10, contextual.Contexts[0].Arms.Sum(a => a.Clicks));
        Assert.Equal(new ThompsonOptions().UpdatesPerVersion, plain.UpdatesPerVersion);
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
        Assert.Null((await new BanditRegistry(new LocalObjectStore(folder.Registry)).CurrentAsync(BanditSnapshot.AdSlot, cancel))!.Snapshot.RewardsUpTo);
    }

    private static void AddAd(List<MediaEvent> events, string decision, AdSlot slot, bool clicked)
    {
        var (user, at) = (new UserId("u1"), Start + events.Count);
        events.Add(new AdImpression { EventId = new EventId(Guid.NewGuid()), EventTimeMicros = at, UserId = user, SchemaVersion = 1, UserSegment = UserSegment.Casual, AdSlot = slot, DecisionId = decision, Propensity = 0.2 });
        if (clicked) events.Add(new AdClick { EventId = new EventId(Guid.NewGuid()), EventTimeMicros = at + 1, UserId = user, SchemaVersion = 1, UserSegment = UserSegment.Casual, AdSlot = slot, DecisionId = decision, RevenueUsd = 0.5 });
    }

    private static async Task AppendAsync(IObjectStore lake, TableSchema schema, Apache.Arrow.RecordBatch rows, CancellationToken cancel) =>
        await (await DeltaTable.CreateOrOpenAsync(lake, schema.Name, schema, cancel)).AppendAsync([rows], transaction: null, cancel);

    private static JobConsole Quiet() => new(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.IO.TextWriter.Null) }), terminal: false);
}
