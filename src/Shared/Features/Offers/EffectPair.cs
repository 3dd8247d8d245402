namespace Media.Features.Offers;

/// <summary>How the two effects of one kind (articles, readers, a reader with a category) vary over all of that kind.</summary>
/// <remarks>Mean 0. Positive definite.</remarks>
/// <param name="Click">Variance of the effect on clicks, log-odds².</param>
/// <param name="Time">Variance of the effect on reading time, ln² s.</param>
internal readonly record struct EffectSpread(double Click, double Both, double Time);

/// <summary>A normal distribution over the two effects.</summary>
internal readonly record struct EffectBelief(double Click, double Time, double ClickVariance, double Covariance, double TimeVariance);

/// <summary>What the events have said about one article, one reader, or one reader with one category: an effect on clicks and one on reading time.</summary>
/// <remarks>
/// Kept as the precision and precision × mean that the observations add to the spread of the kind, so that a spread learnt better later serves what was seen
/// before. A click speaks of the first effect only, a reading time of the second; through the spread's covariance each tells of the other.
/// </remarks>
internal struct EffectPair
{
    private double _clickPrecision;
    private double _clickPull;
    private double _timePrecision;
    private double _timePull;

    public readonly EffectBelief Given(in EffectSpread spread)
    {
        var determinant = spread.Click * spread.Time - spread.Both * spread.Both;
        var (p11, p12, p22) = (spread.Time / determinant + _clickPrecision, -spread.Both / determinant, spread.Click / determinant + _timePrecision);
        determinant = p11 * p22 - p12 * p12;
        var (v11, v12, v22) = (p22 / determinant, -p12 / determinant, p11 / determinant);
        return new EffectBelief(v11 * _clickPull + v12 * _timePull, v12 * _clickPull + v22 * _timePull, v11, v12, v22);
    }

    /// <summary>Moves the effect on clicks.</summary>
    /// <param name="slope">First derivative of the observation's log-likelihood by the log-odds.</param>
    /// <param name="curvature">Minus the second derivative, so small that variance × curvature &lt; 1.</param>
    public void LearnClick(in EffectBelief before, double slope, double curvature) => Learn(before.Click, before.ClickVariance, slope, curvature, ref _clickPrecision, ref _clickPull);

    /// <summary>Moves the effect on reading time; as <see cref="LearnClick"/>.</summary>
    public void LearnTime(in EffectBelief before, double slope, double curvature) => Learn(before.Time, before.TimeVariance, slope, curvature, ref _timePrecision, ref _timePull);

    private static void Learn(double mean, double variance, double slope, double curvature, ref double precision, ref double pull)
    {
        // The message that turns N(m, v) into N(m + v·slope, v − v²·curvature).
        var added = curvature / (1 - variance * curvature);
        precision += added;
        pull += added * mean + (1 + variance * added) * slope;
    }
}
