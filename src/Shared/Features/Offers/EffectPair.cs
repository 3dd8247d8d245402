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

    /// <summary>The pair after an observation that speaks of clicks.</summary>
    /// <param name="slope">First derivative of the observation's log-likelihood by the log-odds.</param>
    /// <param name="curvature">Minus the second derivative, so small that variance × curvature &lt; 1.</param>
    public readonly EffectPair AfterClick(in EffectBelief before, double slope, double curvature)
    {
        var (precision, pull) = Message(before.Click, before.ClickVariance, slope, curvature);
        return this with { _clickPrecision = _clickPrecision + precision, _clickPull = _clickPull + pull };
    }

    /// <summary>The pair after an observation that speaks of reading time; as <see cref="AfterClick"/>.</summary>
    public readonly EffectPair AfterTime(in EffectBelief before, double slope, double curvature)
    {
        var (precision, pull) = Message(before.Time, before.TimeVariance, slope, curvature);
        return this with { _timePrecision = _timePrecision + precision, _timePull = _timePull + pull };
    }

    /// <summary>What turns N(m, v) into N(m + v·slope, v − v²·curvature).</summary>
    private static (double Precision, double Pull) Message(double mean, double variance, double slope, double curvature)
    {
        var precision = curvature / (1 - variance * curvature);
        return (precision, precision * mean + (1 + variance * precision) * slope);
    }
}
