using System.CommandLine;
using Apache.Arrow;
using Media.Bandit;
using Media.Events.Simulator;
using Media.Events;
using Media.Lake;
using Media.Models;
using Media.Registry;

namespace Media.Jobs;

/// <summary>The verb <c>bandit</c>: learns the ad slots from the lake's log, values what was learned, and tries the policies against each other.</summary>
internal static class RunBandit
{
    public static Command Command(JobConsole console, TimeProvider time)
    {
        var rounds = JobOptions.Number("--rounds", 20_000, 100, 10_000_000, "Ad decisions per simulated run.");
        var seeds = JobOptions.Number("--seeds", 100, 2, 10_000, "Simulated runs.");
        var verb = new Command("bandit", "Learns the ad-slot bandit from the lake's ads, saves it, and tries it against uniform and ε-greedy.") { JobOptions.Out, JobOptions.Seed, rounds, seeds };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = new JourneyFolder(parsed.GetRequiredValue(JobOptions.Out));
            if (await RunAsync(folder, parsed.GetValue(rounds), parsed.GetValue(seeds), parsed.GetValue(JobOptions.Seed), console, time, cancel) is null)
                throw new JobException("The lake holds no ad impressions, so there is nothing to learn ad slots from.");
            return 0;
        });
        return verb;
    }

    /// <returns>null when the lake holds no ad impressions.</returns>
    public static async Task<BanditResult?> RunAsync(JourneyFolder folder, int rounds, int seeds, int seed, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var lake = new LocalObjectStore(folder.Lake);
        var log = await console.StepAsync("read ads", () => ReadAsync(lake, cancel));
        if (log.Count == 0) return null;
        var source = await RunResults.FindAsync<SourceResult>(folder, "source", cancel);
        var result = await console.StepAsync("bandit", () => Task.Run(async () =>
        {
            var policy = Learn(log);
            var asOf = EpochMicros.Instant(log.Max(d => d.AtMicros));
            await new BanditRegistry(new LocalObjectStore(folder.Registry)).SaveAsync(BanditSnapshot.Of(policy, BanditSnapshot.AdSlot, Vocabulary<AdSlot>.Names, asOf, rewardsUpTo: null), cancel);
            var trial = source?.Source == "simulator" ? Try(EventSource.SimulatorOptionsOf(source), rounds, seeds, seed, cancel) : null;
            return Result(log, policy, trial, rounds, seeds);
        }, cancel));
        await RunResults.SaveAsync(folder, "bandit", result, cancel);
        Say(result, console);
        return result;
    }

    /// <summary>One shown ad and what it brought.</summary>
    internal sealed record ShownAd(int Slot, double? Propensity, long AtMicros, bool Clicked, double RevenueUsd);

    private static async Task<IReadOnlyList<ShownAd>> ReadAsync(IObjectStore lake, CancellationToken cancel)
    {
        var table = await LakeSessions.OpenAsync(lake, Tables.Events, cancel);
        var shown = new Dictionary<string, (int Slot, double? Propensity, long At)>(StringComparer.Ordinal);
        var clicks = new Dictionary<string, double>(StringComparer.Ordinal);
        await foreach (var batch in table.ReadAsync(new ReadOptions { Columns = ["event_type", "event_time", "decision_id", "ad_slot", "propensity", "revenue_usd"] }, cancel))
            using (batch)
            {
                var types = (StringArray)batch.Column("event_type");
                var times = ((TimestampArray)batch.Column("event_time")).Values;
                var decisions = (StringArray)batch.Column("decision_id");
                var slots = (StringArray)batch.Column("ad_slot");
                var propensities = (DoubleArray)batch.Column("propensity");
                var revenues = (DoubleArray)batch.Column("revenue_usd");
                for (var row = 0; row < batch.Length; row++)
                {
                    // Only an ad with a decision id can be joined to its click.
                    if (slots.IsNull(row) || decisions.IsNull(row)) continue;
                    var type = types.GetString(row);
                    if (type == Vocabulary<EventType>.Name(EventType.AdClick)) clicks.TryAdd(decisions.GetString(row), revenues.GetValue(row) ?? 0);
                    else if (type == Vocabulary<EventType>.Name(EventType.AdImpression) && Vocabulary<AdSlot>.TryParse(slots.GetString(row), out var slot))
                        shown.TryAdd(decisions.GetString(row), ((int)slot, propensities.GetValue(row), times[row]));
                }
            }
        return [.. shown.OrderBy(s => s.Value.At).ThenBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => new ShownAd(s.Value.Slot, s.Value.Propensity, s.Value.At, clicks.ContainsKey(s.Key), clicks.GetValueOrDefault(s.Key)))];
    }

    private static ThompsonSampling Learn(IReadOnlyList<ShownAd> log)
    {
        var policy = new ThompsonSampling(Vocabulary<AdSlot>.Names.Count, new ThompsonOptions { UpdatesPerVersion = log.Count + 1 });
        foreach (var ad in log) policy.Update(ad.Slot, ad.Clicked, ad.RevenueUsd);
        policy.Refresh();
        return policy;
    }

    private static TrialResult Try(SimulatorOptions options, int rounds, int seeds, int seed, CancellationToken cancel)
    {
        var truth = new SimulatedTruth(options);
        var odds = Vocabulary<AdSlot>.Names.Select((_, slot) => truth.AdSlotOdds((AdSlot)slot)).Select(o => new ArmOdds(o.ClickProbability, o.MeanRevenueUsd)).ToArray();
        return BanditTrial.Run((_, arm) => odds[arm],
            [() => new UniformPolicy(odds.Length), () => new EpsilonGreedy(odds.Length, 0.1), () => new ThompsonSampling(odds.Length, new ThompsonOptions())],
            new TrialOptions { Rounds = rounds, Seeds = seeds, FirstSeed = seed }, cancel);
    }

    private static BanditResult Result(IReadOnlyList<ShownAd> log, ThompsonSampling policy, TrialResult? trial, int rounds, int seeds)
    {
        var slots = Vocabulary<AdSlot>.Names.Select((name, slot) =>
        {
            var own = log.Where(d => d.Slot == slot).ToList();
            var clicked = own.Where(d => d.Clicked).ToList();
            return new SlotResult(name, own.Count, clicked.Count, clicked.Count == 0 ? double.NaN : clicked.Average(d => d.RevenueUsd), policy.Propensities[slot]);
        }).ToList();
        return new BanditResult(log.Count, slots, OffPolicyValues(log), rounds, seeds, trial is null ? [] :
            [.. trial.Policies.Select(p => new PolicyResult(p.Name, p.RevenueUsd.Mean, new Estimate(p.MinusFirstUsd.Mean, p.MinusFirstUsd.Low, p.MinusFirstUsd.High), p.BeatsFirst,
                [.. trial.CurveRounds.Select(r => (double)r)], [.. p.Regret.Select(r => r.Mean)], [.. p.Regret.Select(r => r.Low)], [.. p.Regret.Select(r => r.High)]))]);
    }

    /// <summary>Learns on the first half of the log and values what was learned on the second: a policy valued on its own training rows flatters itself.</summary>
    private static List<ValueResult> OffPolicyValues(IReadOnlyList<ShownAd> log)
    {
        var learned = Learn([.. log.Take(log.Count / 2)]);
        var later = log.Skip(log.Count / 2).Where(d => d.Propensity is > 0 and <= 1).ToList();
        if (later.Count < 2) return [];
        double[] rewards = [.. later.Select(d => d.RevenueUsd)], logged = [.. later.Select(d => d.Propensity ?? 1)], target = [.. later.Select(d => learned.Propensities[d.Slot])];
        var asLogged = OffPolicy.Ips(rewards, logged, logged);
        var ips = OffPolicy.Ips(rewards, logged, target);
        var snips = OffPolicy.Snips(rewards, logged, target);
        return [Value("as logged (uniform)", asLogged), Value("Thompson, IPS", ips), Value("Thompson, SNIPS", snips)];

        static ValueResult Value(string name, OffPolicyEstimate e) => new(name, 1_000 * e.Value, 1_000 * e.Low, 1_000 * e.High);
    }

    private static void Say(BanditResult result, JobConsole console)
    {
        console.Line($"  learned from {JobConsole.Count(result.Decisions)} shown ads; saved for serving");
        console.Table(["slot", "shown", "clicks", "USD per click", "propensity now"],
            result.Slots.Select(s => (IReadOnlyList<string>)[s.Slot, JobConsole.Count(s.Decisions), JobConsole.Count(s.Clicks), double.IsNaN(s.MeanRevenueUsd) ? "–" : $"{s.MeanRevenueUsd:0.000}", $"{s.Propensity:0.000}"]));
        foreach (var value in result.OffPolicy) console.Line($"  {value.Estimator}: ${value.UsdPerThousand:0.00} per 1,000 decisions (95 % CI {value.Low:0.00} – {value.High:0.00})");
        if (result.Policies.Count == 0) return;
        console.Table(["policy", $"USD in {result.Rounds:N0} decisions", "− uniform", "95 % CI", "better in", "regret USD"],
            result.Policies.Select(p => (IReadOnlyList<string>)[p.Name, $"{p.RevenueUsd:0.00}", $"{p.MinusUniformUsd.Value:+0.00;-0.00;0.00}", $"{p.MinusUniformUsd.Low:0.00} – {p.MinusUniformUsd.High:0.00}", $"{p.BeatsUniform} of {result.Seeds}", $"{p.Regret[^1]:0.00}"]));
    }
}
