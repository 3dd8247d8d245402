namespace Media.Features.Articles;

/// <summary>How an article's traffic compares with what brand, hour and age let expect, as beliefs about a multiplier of that expectation.</summary>
/// <remarks>
/// Counts are Poisson with the multiplier times the expected; the belief before any count is Gamma of mean 1 and shape <see cref="PriorShape"/>, so after n counts where e
/// were expected it is Gamma of shape PriorShape + n and rate PriorShape + e. The article's <i>level</i> is the mean of that belief from all hours before the last
/// three. <i>Recently</i> asks whether the last three hours are above the level: the same with level × expected in place of expected.
/// Immutable, thread-safe.
/// </remarks>
/// <param name="Level">Usual multiplier so far, above 0; 1 = as the age lets expect.</param>
/// <param name="Recent">Multiplier of the level in the last three hours, above 0.</param>
/// <param name="BurstProbability">That the recent multiplier is above <see cref="BurstFactor"/>, in [0, 1].</param>
/// <seealso href="https://doi.org/10.1145/775047.775061">Kleinberg 2002, Bursty and Hierarchical Structure in Streams: a burst as a rate above the base rate</seealso>
public readonly record struct Attention(double Level, double Recent, double BurstProbability)
{
    /// <summary>Counts that the belief beforehand is worth: articles' levels have a standard deviation of 1/√3 about 1.</summary>
    public const double PriorShape = 3;

    /// <summary>Hours that are recent, besides the one under way.</summary>
    public const int RecentHours = 3;

    /// <summary>How far above its level an article must be to burst.</summary>
    public const double BurstFactor = 1.5;

    /// <summary>How sure of it: from this probability on the article bursts.</summary>
    public const double BurstCertainty = 0.95;

    /// <param name="before">Counted before the recent hours.</param>
    /// <param name="beforeExpected">Expected of an average article in those hours, ≥ 0.</param>
    public static Attention Of(int before, double beforeExpected, int recent, double recentExpected)
    {
        var level = (PriorShape + before) / (PriorShape + beforeExpected);
        var (shape, rate) = (PriorShape + recent, PriorShape + level * recentExpected);
        return new Attention(level, shape / rate, GammaTail.Above(shape, BurstFactor * rate));
    }
}
