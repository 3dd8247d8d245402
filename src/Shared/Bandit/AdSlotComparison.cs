using System.Globalization;

namespace Media.Bandit;

/// <summary>What a log says that a policy would earn.</summary>
/// <param name="Policy"><c>as_logged</c>, or the policy's name.</param>
/// <param name="Estimator">ips, snips, dm, dr, replay; of the log itself: mean.</param>
/// <param name="Estimate">USD per decision.</param>
public sealed record PolicyValue(string Policy, string Estimator, OffPolicyEstimate Estimate);

/// <summary>What a challenger earns more than the champion by the log: doubly robust, paired ad by ad, USD per decision.</summary>
/// <param name="Low">Lower end of the interval that holds for all challengers at once with 95 %.</param>
/// <param name="High">Its upper end.</param>
public sealed record PolicyGain(string Policy, double GainUsd, double Low, double High);

/// <summary>How a policy could place the ads.</summary>
public enum AdSlotKind
{
    /// <summary>Thompson sampling, all readers alike.</summary>
    Plain,
    /// <summary>The same, forgetting what is long ago.</summary>
    Forgetting,
    /// <summary>The same per segment of readers, each beginning where the others are.</summary>
    PerSegment,
}

/// <summary>A policy that could place the ads.</summary>
/// <param name="Learn">Teaches it a log, in order of time.</param>
public sealed record AdSlotCandidate(AdSlotKind Kind, string Name, Func<IReadOnlyList<ShownAd>, IContextualPolicy> Learn);

/// <summary>The policies that could place the ads, valued by the log of ads shown: which one is to serve, and why.</summary>
/// <remarks>
/// The later half of the log is cut into parts by time. For each part every policy learns all that came before and is valued on the part: a policy valued
/// on its own training rows flatters itself, and one that forgets shows its worth only where it is learned anew as time goes on. The reward model of dm
/// and dr knows what came before too: the posterior mean of the slot in the segment. replay starts from the first half and learns as it goes.
/// dm's interval knows the rows' spread only, not the model's error. The champion goes on serving unless a challenger is better beyond chance: a log that its own choices made
/// says little of what it seldom chose, and a policy that changed with every doubt would serve by luck.
/// </remarks>
/// <param name="Values">The log's own mean first, then by policy; an estimator that the log cannot feed is left out. Empty when there are too few ads.</param>
/// <param name="Gains">Of the challengers; empty when there are too few ads.</param>
/// <param name="Champion">The one that served so far.</param>
/// <param name="Chosen">The policy that is to serve.</param>
public sealed record AdSlotComparison(IReadOnlyList<PolicyValue> Values, IReadOnlyList<PolicyGain> Gains, AdSlotCandidate Champion, AdSlotCandidate Chosen)
{
    /// <summary>With fewer ads of known propensity in the later half than this, nothing is compared.</summary>
    public const int LeastAds = 200;

    private const int Parts = 5;

    // Share of the log that a forgetting policy remembers, and the ads that it remembers at least: some clicks of every slot.
    private const double Memory = 0.1;
    private const double LeastMemory = 1_000;

    // Two challengers, each at 0.05 / 2 (Bonferroni): the 98.75 % quantile of the normal distribution.
    private const double Quantile = 2.241402728;

    /// <summary>Why the chosen one serves, a sentence.</summary>
    public string Reason => Gains.Count == 0
        ? $"{Chosen.Name} serves: fewer than {LeastAds} ads of known propensity are too few to compare policies."
        : $"{Chosen.Name} serves{(Chosen == Champion ? "" : $" in place of {Champion.Name}")}: per 1,000 decisions of the log's later half, {string.Join("; ", Gains.Select(Words))}.";

    private string Words(PolicyGain gain) => Math.Max(Math.Abs(gain.Low), Math.Abs(gain.High)) * 1_000 < 0.005
        ? $"{gain.Policy} chooses as {Champion.Name} does"
        : string.Create(CultureInfo.InvariantCulture, $"{gain.Policy} earns {1_000 * gain.GainUsd:+$0.00;-$0.00;$0.00} [{1_000 * gain.Low:0.00}, {1_000 * gain.High:0.00}] against {Champion.Name}");

    /// <summary>The kind of a policy that was saved.</summary>
    public static AdSlotKind KindOf(IBanditSnapshot saved) => saved switch
    {
        ContextualSnapshot => AdSlotKind.PerSegment,
        BanditSnapshot { Discount: < 1 } => AdSlotKind.Forgetting,
        _ => AdSlotKind.Plain,
    };

    /// <param name="ads">In order of time, none before another whose reward is still to come: <see cref="AdLog.Complete"/>. Ads without a propensity are learned from, not valued by.</param>
    /// <param name="options">Of every policy, but for the discount of the one that forgets.</param>
    /// <param name="served">Which kind served so far; plain where none did: what is simplest needs no proof.</param>
    /// <param name="seed">Of replay's choices.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or an ad is of no slot or earned without a click.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop.</exception>
    public static AdSlotComparison Of(IReadOnlyList<ShownAd> ads, ThompsonOptions options, AdSlotKind served, int seed, CancellationToken cancel)
    {
        var candidates = Candidates(options, ads.Count);
        var champion = candidates.Single(c => c.Kind == served);
        var half = ads.Count / 2;
        ShownAd[] valued = [.. ads.Skip(half).Where(IsValued)];
        if (valued.Length < LeastAds) return new AdSlotComparison([], [], champion, champion);

        var foretold = Foretell(ads, half, candidates, options, cancel);
        double[] rewards = [.. valued.Select(ad => ad.RevenueUsd)], logged = [.. valued.Select(ad => ad.Propensity ?? 1)], predicted = [.. foretold.Select(f => f.Predicted)];
        ShownAd[] first = [.. ads.Take(half)];
        var values = new List<PolicyValue> { new("as_logged", "mean", OffPolicy.Ips(rewards, logged, logged)) };
        var robust = new List<OffPolicyEstimate>();
        for (var c = 0; c < candidates.Count; c++)
        {
            double[] target = [.. foretold.Select(f => f.Target[c])], expected = [.. foretold.Select(f => f.Expected[c])];
            robust.Add(OffPolicy.DoublyRobust(rewards, logged, target, predicted, expected));
            (string Name, OffPolicyEstimate Estimate)[] estimates =
            [
                ("ips", OffPolicy.Ips(rewards, logged, target)), ("snips", OffPolicy.Snips(rewards, logged, target)), ("dm", OffPolicy.DirectMethod(expected)), ("dr", robust[c]),
                ("replay", OffPolicy.Replay([.. valued.Select(ad => ad.Segment)], [.. valued.Select(ad => ad.Slot)], logged, [.. valued.Select(ad => ad.Clicked)], rewards, candidates[c].Learn(first), new Random(seed))),
            ];
            values.AddRange(estimates.Where(e => double.IsFinite(e.Estimate.Value)).Select(e => new PolicyValue(candidates[c].Name, e.Name, e.Estimate)));
        }
        var of = robust[candidates.IndexOf(champion)];
        PolicyGain[] gains = [.. candidates.Index().Where(c => c.Item != champion).Select(c => Gain(c.Item.Name, robust[c.Index].Minus(of)))];
        var best = gains.Where(g => g.Low > 0).MaxBy(g => g.GainUsd);
        return new AdSlotComparison(values, gains, champion, best is null ? champion : candidates.Single(c => c.Name == best.Policy));
    }

    private static List<AdSlotCandidate> Candidates(ThompsonOptions options, int ads)
    {
        var forgetting = options with { Discount = Math.Round(1 - 1 / Math.Max(LeastMemory, Memory * ads), 6) };
        return
        [
            Candidate(AdSlotKind.Plain, log => new ContextBlind(AdSlotLearning.Thompson(log, options))),
            Candidate(AdSlotKind.Forgetting, log => new ContextBlind(AdSlotLearning.Thompson(log, forgetting))),
            Candidate(AdSlotKind.PerSegment, log => AdSlotLearning.Contextual(log, options)),
        ];

        static AdSlotCandidate Candidate(AdSlotKind kind, Func<IReadOnlyList<ShownAd>, IContextualPolicy> learn) => new(kind, learn([]).Name, learn);
    }

    /// <summary>For each valued ad of the later half, in order, what was known of it before its part began.</summary>
    private static List<Foretold> Foretell(IReadOnlyList<ShownAd> ads, int half, List<AdSlotCandidate> candidates, ThompsonOptions options, CancellationToken cancel)
    {
        var foretold = new List<Foretold>();
        for (var part = 0; part < Parts; part++)
        {
            cancel.ThrowIfCancellationRequested();
            var (from, to) = (Edge(part), Edge(part + 1));
            ShownAd[] before = [.. ads.Take(from)];
            var learned = candidates.Select(c => c.Learn(before)).ToArray();
            var rewards = AdSlotLearning.Contextual(before, options);
            var bySegment = new Dictionary<string, (double[] Values, IReadOnlyList<double>[] Propensities, double[] Expected)>(StringComparer.Ordinal);
            for (var i = from; i < to; i++)
            {
                if (!IsValued(ads[i])) continue;
                if (!bySegment.TryGetValue(ads[i].Segment, out var known))
                {
                    double[] values = [.. rewards.Posteriors(ads[i].Segment).Select(p => p.MeanValue)];
                    IReadOnlyList<double>[] propensities = [.. learned.Select(policy => policy.Propensities(ads[i].Segment))];
                    known = (values, propensities, [.. propensities.Select(p => p.Zip(values, (share, value) => share * value).Sum())]);
                    bySegment.Add(ads[i].Segment, known);
                }
                foretold.Add(new Foretold(known.Values[ads[i].Slot], [.. known.Propensities.Select(p => p[ads[i].Slot])], known.Expected));
            }
        }
        return foretold;

        int Edge(int part) => half + (int)((long)part * (ads.Count - half) / Parts);
    }

    private static bool IsValued(ShownAd ad) => ad.Propensity is > 0 and <= 1;

    private static PolicyGain Gain(string policy, OffPolicyEstimate gain) =>
        new(policy, gain.Value, gain.Value - Quantile * gain.StandardError, gain.Value + Quantile * gain.StandardError);

    /// <param name="Predicted">Expected revenue of the slot that was shown, USD.</param>
    /// <param name="Target">Per candidate: its probability of that slot.</param>
    /// <param name="Expected">Per candidate: expected revenue under it, USD.</param>
    private readonly record struct Foretold(double Predicted, double[] Target, double[] Expected);
}
