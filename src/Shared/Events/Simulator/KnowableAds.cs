namespace Media.Events.Simulator;

/// <summary>What can be known of a reader's ads from earlier visits by one who knows the simulator's equations and constants, but no reader's traits: Bayes' rule over both traits.</summary>
/// <remarks>
/// Depth shows in the rounds of a visit, tolerance in the clicks; the two are drawn independently, and so are they known. Sums over grids of the traits' densities, far finer than
/// what visits can tell apart. Immutable, thread-safe.
/// </remarks>
internal sealed class KnowableAds
{
    private const int Steps = 200;

    private readonly (double LogPrior, double[] LogRounds, double MeanRounds)[] _depths;
    private readonly (double LogPrior, double LogClick, double LogNoClick, double UsdPerAd)[][] _tolerances;

    public KnowableAds(double signal)
    {
        _depths = [.. Grid(-3.5, 4.0).Select(depth =>
        {
            var extra = Reader.ExtraRoundsAt(depth, signal);
            return (Math.Log(Reader.DensityOfDepth(depth)), Enumerable.Range(1, Reader.MostRounds).Select(r => Math.Log(Odds.ProbabilityOfRounds(extra, r))).ToArray(), Odds.MeanRounds(extra));
        })];
        _tolerances = [.. Enum.GetValues<UserSegment>().Select(segment => Grid(-5, 5).Select(tolerance =>
        {
            var (click, usd) = (0.0, 0.0);
            foreach (var slot in Enum.GetValues<AdSlot>())
            {
                var ofSlot = Odds.AdClick(tolerance, segment, slot, signal) * VisitStory.SlotPropensity;
                click += ofSlot;
                usd += ofSlot * Odds.AdRevenueUsd(slot, signal);
            }
            return (-tolerance * tolerance / 2, Math.Log(click), Math.Log(1 - click), usd);
        }).ToArray())];
    }

    /// <summary>Expected USD of the ads of the reader's next visit.</summary>
    /// <param name="segment">Every event shows it.</param>
    /// <param name="visitsByAds">How many earlier visits had 1, 2 … <see cref="Reader.MostRounds"/> ads.</param>
    /// <param name="ads">of all earlier visits</param>
    /// <param name="clicks">of all earlier visits</param>
    public double ExpectedUsd(UserSegment segment, ReadOnlySpan<int> visitsByAds, long ads, long clicks)
    {
        var depths = new double[Steps + 1];
        for (var i = 0; i <= Steps; i++)
        {
            depths[i] = _depths[i].LogPrior;
            for (var more = 0; more < visitsByAds.Length; more++) depths[i] += visitsByAds[more] * _depths[i].LogRounds[more];
        }
        var of = _tolerances[(int)segment];
        var tolerances = new double[Steps + 1];
        for (var i = 0; i <= Steps; i++) tolerances[i] = of[i].LogPrior + clicks * of[i].LogClick + (ads - clicks) * of[i].LogNoClick;
        return Mean(depths, i => _depths[i].MeanRounds) * Mean(tolerances, i => of[i].UsdPerAd);
    }

    private static IEnumerable<double> Grid(double from, double to) => Enumerable.Range(0, Steps + 1).Select(i => from + (to - from) * i / Steps);

    private static double Mean(double[] logWeights, Func<int, double> value)
    {
        var most = logWeights.Max();
        var (sum, weights) = (0.0, 0.0);
        for (var i = 0; i < logWeights.Length; i++)
        {
            var weight = Math.Exp(logWeights[i] - most);
            sum += weight * value(i);
            weights += weight;
        }
        return sum / weights;
    }
}
