using Media.Bandit;
using Media.Events;
using Media.Lake;
using Media.Registry;

namespace Media.Tests.Serving;

public sealed class DecisionLogTests : IDisposable
{
    private const int Runs = 8, Decisions = 3_000;
    private const double Usd = 0.5;
    private static readonly string[] Segments = ["casual", "power_user"];

    /// <summary>True click probabilities by segment and slot: what the snapshot believes is right for casual readers and outdated for power users.</summary>
    private static readonly double[][] Clicks = [[0.02, 0.03, 0.10, 0.02, 0.02], [0.03, 0.02, 0.02, 0.02, 0.12]];

    private readonly string _folder = Directory.CreateTempSubdirectory("media-decisions-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task LogOfALearningServer_ValuesOtherPoliciesWithoutBias_AndEverySlotKeepsItsFloor()
    {
        var uniform = new List<double>();
        var footer = new List<double>();
        var naive = new List<double>();
        for (var run = 0; run < Runs; run++)
        {
            var lake = await ServeAsync(run);
            var log = await ReadAsync(lake);
            Assert.NotNull(log.CompleteBeforeMicros);
            Assert.InRange(log.Complete.Count, Decisions / 2, Decisions - 1);
            double[] rewards = [.. log.Complete.Select(a => a.RevenueUsd)], logged = [.. log.Complete.Select(a => a.Propensity ?? double.NaN)];
            uniform.Add(OffPolicy.Ips(rewards, logged, [.. log.Complete.Select(_ => 0.2)]).Value);
            footer.Add(OffPolicy.Ips(rewards, logged, [.. log.Complete.Select(a => a.Slot == (int)AdSlot.Footer ? 1.0 : 0)]).Value);
            naive.Add(rewards.Average());
            Assert.All(logged, p => Assert.InRange(p, 0.01, 0.96 + 1e-12));
        }

        var uniformTruth = Usd * Clicks.Average(segment => segment.Average());
        RequireUnbiased(uniform, uniformTruth);
        RequireUnbiased(footer, Usd * Clicks.Average(segment => segment[(int)AdSlot.Footer]));
        // The log's own mean is no value of another policy: the weights must have done it.
        Assert.True(MeanInterval.Of([.. naive]).Low > 1.2 * uniformTruth);
    }

    [Fact]
    public async Task LoggedPropensities_AreThoseOfTheDraws_AndStandStillWithinAVersionOfASegment()
    {
        var lake = await ServeAsync(seed: 99);
        var decisions = new List<LoggedDecision>();
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, Tables.Decisions.Name, TestContext.Current.CancellationToken)).ReadAsync(TestContext.Current.CancellationToken))
            using (batch) decisions.AddRange(DecisionColumns.Read(batch));
        Assert.Equal(Decisions, decisions.Count);
        Assert.All(decisions.GroupBy(d => (d.Context, d.PolicyVersion, d.Arm)), same => Assert.Single(same.Select(d => d.Propensity).Distinct()));
        Assert.True(decisions.Where(d => d.Context == "power_user").Select(d => d.PolicyVersion).Distinct().Count() > 5, "it learned while it served");

        // Of every slot, Σ over its decisions of 1 / propensity estimates the number of all decisions; its variance is Σ (1 / propensity − 1) over all.
        foreach (var slot in Vocabulary<AdSlot>.Names)
        {
            var weights = decisions.Where(d => d.Arm == slot).Select(d => 1 / d.Propensity).ToList();
            var deviation = Math.Sqrt(weights.Sum(w => w * (w - 1)));
            Assert.InRange((weights.Sum() - Decisions) / deviation, -4, 4);
        }
    }

    /// <summary>Serves by a snapshot that is wrong for half of the readers; clicks are told at once or some seconds later, all else is settled by the window.</summary>
    private async Task<LocalObjectStore> ServeAsync(int seed)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"{seed}")).FullName;
        await new BanditRegistry(new LocalObjectStore(Path.Combine(folder, "registry"))).SaveAsync(TrainedWorld.SnapshotBySegment() with { UpdatesPerVersion = 100 }, TestContext.Current.CancellationToken);
        var random = new Random(1_000 + seed);
        // The whole run takes less than a minute of the server's clock, so nothing settles but where it stands below.
        await using (var server = await RunningServer.StartAsync(folder, "--Serving:RewardWindow=00:00:10", "--Serving:WriteEvery=00:01:00", "--Serving:PollEvery=01:00:00", $"--Serving:BanditSeed={seed}"))
        {
            var late = new Queue<(string DecisionId, int Due)>();
            for (var i = 0; i < Decisions; i++)
            {
                var segment = random.Next(2);
                var decision = server.Bandit.Choose($"u{i % 50}", Segments[segment])!.Decision;
                Assert.True(Vocabulary<AdSlot>.TryParse(decision.Arm, out var slot));
                if (random.NextDouble() < Clicks[segment][(int)slot])
                {
                    if (random.Next(2) == 0) server.Bandit.Reward(decision.DecisionId, true, Usd);
                    else late.Enqueue((decision.DecisionId, i + 80));
                }
                while (late.TryPeek(out var next) && next.Due <= i) Assert.Equal(RewardOutcome.Accepted, server.Bandit.Reward(late.Dequeue().DecisionId, true, Usd));
                if (i % 60 == 59) server.Clock.Advance(TimeSpan.FromSeconds(1));
                if (i % 200 == 199) await server.Refresher.WriteAsync(TestContext.Current.CancellationToken);
            }
        }
        return new LocalObjectStore(Path.Combine(folder, "lake"));
    }

    private static async Task<AdLog> ReadAsync(LocalObjectStore lake)
    {
        var (cancel, gathering) = (TestContext.Current.CancellationToken, new AdLog.Gathering());
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, Tables.Decisions.Name, cancel)).ReadAsync(cancel))
            using (batch)
                foreach (var decision in DecisionColumns.Read(batch)) gathering.AddDecision(decision);
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, Tables.Rewards.Name, cancel)).ReadAsync(cancel))
            using (batch)
                foreach (var reward in DecisionColumns.ReadRewards(batch)) gathering.AddReward(reward);
        return gathering.ToLog();
    }

    private static void RequireUnbiased(List<double> estimates, double truth)
    {
        var mean = estimates.Average();
        var error = Math.Sqrt(estimates.Sum(e => (e - mean) * (e - mean)) / (estimates.Count - 1) / estimates.Count);
        Assert.InRange((mean - truth) / error, -3, 3);
    }
}
