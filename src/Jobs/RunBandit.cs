using System.CommandLine;
using Media.Bandit;
using Media.Events.Simulator;
using Media.Events;
using Media.Lake;
using Media.Models;
using Media.Registry;

namespace Media.Jobs;

/// <summary>The verb <c>bandit</c>: learns the ad slots from the lake's log, lets the log choose which policy serves, and tries the policies against each other.</summary>
internal static class RunBandit
{
    public static Command Command(JobConsole console, TimeProvider time)
    {
        var rounds = JobOptions.Number("--rounds", 20_000, 100, 10_000_000, "Ad decisions per simulated run.");
        var seeds = JobOptions.Number("--seeds", 100, 2, 10_000, "Simulated runs.");
        var verb = new Command("bandit", "Learns the ad-slot bandit from the lake's ads, with and without the reader's segment, saves the policy that the log finds best, and tries the policies against each other.") { JobOptions.Out, JobOptions.Seed, rounds, seeds };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            if (await RunAsync(folder, parsed.GetValue(rounds), parsed.GetValue(seeds), parsed.GetValue(JobOptions.Seed), console, time, cancel) is null)
                throw new JobException("The lake holds no ad impressions, so there is nothing to learn ad slots from.");
            return 0;
        });
        return verb;
    }

    /// <returns>null when the lake holds no ad impressions.</returns>
    public static async Task<BanditResult?> RunAsync(JourneyFolder folder, int rounds, int seeds, int seed, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var lake = folder.OpenLake();
        var log = await console.StepAsync("read ads", () => ReadAsync(lake, cancel));
        if (log.Ads.Count == 0) return null;
        var source = await RunResults.FindAsync<SourceResult>(folder, "source", cancel);
        var result = await console.StepAsync("bandit", () => Task.Run(async () =>
        {
            var options = new ThompsonOptions();
            var registry = new BanditRegistry(folder.OpenRegistry());
            var served = await registry.CurrentAsync(BanditSnapshot.AdSlot, cancel) is { } saved ? AdSlotComparison.KindOf(saved.Snapshot) : AdSlotKind.Plain;
            var comparison = AdSlotComparison.Of(log.Complete, options, served, seed, cancel);
            var asOf = EpochMicros.Instant(log.Ads.Max(d => d.AtMicros));
            DateTimeOffset? rewardsUpTo = log.RewardsUpToMicros is { } upTo ? EpochMicros.Instant(upTo) : null;
            var snapshot = IBanditSnapshot.Of(comparison.Chosen.Learn(log.Ads), BanditSnapshot.AdSlot, Vocabulary<AdSlot>.Names, asOf, rewardsUpTo, comparison.Reason);
            var version = await registry.SaveAsync(snapshot, cancel);
            var trials = source?.Source == "simulator" ? BanditTrials.Run(new SimulatedTruth(EventSource.SimulatorOptionsOf(source)), rounds, seeds, seed, cancel) : null;
            return Result(log, options, comparison, version, trials, rounds, seeds);
        }, cancel));
        await RunResults.SaveAsync(folder, "bandit", result, cancel);
        Say(result, console);
        return result;
    }

    /// <summary>The ads that came through the log, and those that the API chose with their rewards.</summary>
    private static async Task<AdLog> ReadAsync(IObjectStore lake, CancellationToken cancel)
    {
        var gathering = new AdLog.Gathering();
        var events = await LakeSessions.OpenAsync(lake, Tables.Events, cancel);
        await foreach (var batch in events.ReadAsync(new ReadOptions { Columns = AdLogColumns.Names }, cancel))
            using (batch) AdLogColumns.Read(batch, gathering);

        // After the events: the API writes a decision before its ad can be seen, so an ad that was read has its decision there by now, but for what the API holds unwritten.
        if (await TryOpenAsync(lake, Tables.Rewards, cancel) is { } rewards)
            await foreach (var batch in rewards.ReadAsync(cancel))
                using (batch)
                    foreach (var reward in DecisionColumns.ReadRewards(batch)) gathering.AddReward(reward);
        if (await TryOpenAsync(lake, Tables.Decisions, cancel) is { } decisions)
            await foreach (var batch in decisions.ReadAsync(cancel))
                using (batch)
                    foreach (var decision in DecisionColumns.Read(batch)) gathering.AddDecision(decision);
        return gathering.ToLog();
    }

    private static async Task<DeltaTable?> TryOpenAsync(IObjectStore lake, TableSchema table, CancellationToken cancel)
    {
        try { return await DeltaTable.OpenAsync(lake, table.Name, cancel); }
        catch (FileNotFoundException) { return null; } // the API has not decided anything yet
    }

    private static BanditResult Result(AdLog log, ThompsonOptions options, AdSlotComparison comparison, int version, BanditTrials? trials, int rounds, int seeds)
    {
        var (policy, contextual) = (AdSlotLearning.Thompson(log.Ads, options), AdSlotLearning.Contextual(log.Ads, options));
        var slots = Vocabulary<AdSlot>.Names.Select((name, slot) =>
        {
            var own = log.Ads.Where(d => d.Slot == slot).ToList();
            var clicked = own.Where(d => d.Clicked).ToList();
            return new SlotResult(name, own.Count, clicked.Count, clicked.Count == 0 ? double.NaN : clicked.Average(d => d.RevenueUsd), policy.Propensities[slot]);
        }).ToList();
        return new BanditResult(log.Ads.Count, comparison.Chosen.Name, version, comparison.Reason, slots,
            [.. contextual.Contexts.Select(c => new SegmentSlotsResult(c.Name, c.Arms.Sum(a => a.Decisions), contextual.Propensities(c.Name)))],
            [.. comparison.Values.Select(v => new ValueResult($"{v.Policy}, {v.Estimator}", 1_000 * v.Estimate.Value, 1_000 * v.Estimate.Low, 1_000 * v.Estimate.High))],
            rounds, seeds,
            trials is null ? [] : [.. trials.Steady.Policies.Select(p => new PolicyResult(p.Name, p.RevenueUsd.Mean, Of(p.MinusFirstUsd), p.BeatsFirst,
                [.. trials.Steady.CurveRounds.Select(r => (double)r)], [.. p.Regret.Select(r => r.Mean)], [.. p.Regret.Select(r => r.Low)], [.. p.Regret.Select(r => r.High)]))],
            trials is null ? null : Of(trials.ContextualGain),
            trials is null ? null : new DriftResult(trials.DriftEveryRounds, trials.DriftSeeds, trials.DriftDiscount, trials.Drift[trials.Plain].RevenueUsd.Mean, Of(trials.DiscountedGain)));

        static Estimate Of(MeanInterval interval) => new(interval.Mean, interval.Low, interval.High);
    }

    private static void Say(BanditResult result, JobConsole console)
    {
        console.Line($"  learned from {JobConsole.Count(result.Decisions)} shown ads; saved for serving as version {result.Version}");
        console.Line($"  {result.Reason}");
        console.Table(["slot", "shown", "clicks", "USD per click", "propensity now"],
            result.Slots.Select(s => (IReadOnlyList<string>)[s.Slot, JobConsole.Count(s.Decisions), JobConsole.Count(s.Clicks), double.IsNaN(s.MeanRevenueUsd) ? "–" : $"{s.MeanRevenueUsd:0.000}", $"{s.Propensity:0.000}"]));
        console.Table(["segment", "shown", .. result.Slots.Select(s => s.Slot)],
            result.Segments.Select(s => (IReadOnlyList<string>)[s.Segment, JobConsole.Count(s.Decisions), .. s.Propensities.Select(p => $"{p:0.000}")]));
        foreach (var value in result.OffPolicy) console.Line($"  {value.Estimator}: ${value.UsdPerThousand:0.00} per 1,000 decisions (95 % CI {value.Low:0.00} – {value.High:0.00})");
        if (result.Policies.Count == 0) return;
        console.Table(["policy", $"USD in {result.Rounds:N0} decisions", "− uniform", "95 % CI", "better in", "regret USD"],
            result.Policies.Select(p => (IReadOnlyList<string>)[p.Name, $"{p.RevenueUsd:0.00}", $"{p.MinusUniformUsd.Value:+0.00;-0.00;0.00}", $"{p.MinusUniformUsd.Low:0.00} – {p.MinusUniformUsd.High:0.00}", $"{p.BeatsUniform} of {result.Seeds}", $"{p.Regret[^1]:0.00}"]));
        foreach (var sentence in result.Findings) console.Line($"  {sentence}");
    }
}
