namespace Media.Events.Simulator;

/// <summary>The planted odds within a visit: asked by the simulator, which draws from them, and by the truth, which tells them.</summary>
/// <remarks>Pure, thread-safe. Each falls to one value for all at signal 0.</remarks>
internal static class Odds
{
    /// <summary>Standard deviation of the logarithm of time on page, of one reader with one article.</summary>
    public const double DwellSdLog = 0.7;

    /// <summary>No view lasts longer, ms; touches about one in a thousand.</summary>
    public const long LongestDwellMs = 600_000;

    /// <summary>What one standard deviation of a trait adds to the log-odds of a click.</summary>
    public const double QualityOnClick = 0.6, InterestOnClick = 0.7;

    /// <summary>What one unit of a trait adds to the logarithm of time on page.</summary>
    public const double DepthOnDwell = 0.35, QualityOnDwell = 0.25, InterestOnDwell = 0.3;

    // Log-odds of a click at the top of the home page, without any effect: 0.2.
    private const double ClickBase = -1.39;

    // In the order of Surface.
    private static readonly double[] SurfaceEffects = [0.0, -0.1, -0.2, 0.4, 0.3, 0.25];

    // In the order of AdSlot. Higher than the web's, so that a run of minutes shows a bandit learn.
    private static readonly double[] AdClicks = [0.020, 0.030, 0.070, 0.012, 0.006];
    private static readonly double[] AdRevenuesUsd = [0.40, 0.45, 0.55, 0.35, 0.30];
    private const double NeutralAdClick = 0.025;
    private const double NeutralAdRevenueUsd = 0.45;

    /// <summary>Probability of a click on an offered article.</summary>
    /// <param name="position">0 = first</param>
    public static double Click(Reader reader, Story story, int position, Surface surface, double signal) =>
        Click(reader, story, story.HeadlineFor(reader), position, surface, signal);

    /// <summary>The same under a headline that need not be the reader's own.</summary>
    public static double Click(Reader reader, Story story, int headline, int position, Surface surface, double signal) =>
        Click(reader, story, story.Quality, headline, position, surface, signal);

    /// <summary>The same as if the article were of this quality.</summary>
    public static double Click(Reader reader, Story story, double quality, int headline, int position, Surface surface, double signal) =>
        Sigmoid(ClickLogOdds(quality, reader.Interests[story.Category], story.HeadlineEffects[headline], position, surface, signal));

    /// <summary>Log-odds of a click, by the traits that they depend on.</summary>
    public static double ClickLogOdds(double quality, double interest, double headlineEffect, int position, Surface surface, double signal) =>
        ClickBase + signal * (QualityOnClick * quality + InterestOnClick * interest + headlineEffect
            + SurfaceEffects[(int)surface] - 0.35 * position);

    /// <summary>Expected logarithm of an article's click rate at the top of the home page under a title whose form has this effect, to one who knows how articles, titles and
    /// readers are drawn but not these: the mean over readers' interest within, over the article's quality and the title's own effect without.</summary>
    public static double ExpectedLogClickRate(double formEffect, double signal)
    {
        // Quality and own effect add up to one normal number.
        var ownPerQuality = Headline.OwnEffectSd / QualityOnClick;
        var hiddenSd = Math.Sqrt(1 + ownPerQuality * ownPerQuality);
        return NormalMean.Of(hidden => Math.Log(NormalMean.Of(interest => Sigmoid(ClickLogOdds(hiddenSd * hidden, interest, formEffect, 0, Surface.Home, signal)))));
    }

    /// <summary>Mean of the logarithm of time on page in ms, before the cut at <see cref="LongestDwellMs"/>.</summary>
    public static double DwellMeanLog(Reader reader, Story story, double signal) =>
        DwellMeanLog(reader.Depth, story.Quality, reader.Interests[story.Category], story.WordCount, signal);

    /// <summary>The same by the traits that it depends on.</summary>
    public static double DwellMeanLog(double depth, double quality, double interest, int words, double signal) =>
        Math.Log(35_000) + signal * (DepthOnDwell * depth + QualityOnDwell * quality + InterestOnDwell * interest + 0.3 * Math.Log(words / 520.0));

    public static double AdClick(Reader reader, AdSlot slot, double signal) => AdClick(reader.AdTolerance, reader.Segment, slot, signal);

    /// <summary>The same by the traits that it depends on.</summary>
    public static double AdClick(double tolerance, UserSegment segment, AdSlot slot, double signal) =>
        Sigmoid(Logit(NeutralAdClick) + signal * (Logit(AdClicks[(int)slot]) - Logit(NeutralAdClick) + 0.5 * tolerance + Habit(segment, slot)));

    /// <summary>Mean revenue of one click, USD.</summary>
    public static double AdRevenueUsd(AdSlot slot, double signal) =>
        NeutralAdRevenueUsd * Math.Pow(AdRevenuesUsd[(int)slot] / NeutralAdRevenueUsd, signal);

    /// <summary>Who reads much has learned to skip the ads among the text, but sees the header on every page: what a contextual bandit can find.</summary>
    private static double Habit(UserSegment segment, AdSlot slot) => (segment, slot) switch
    {
        (UserSegment.PowerUser or UserSegment.Subscriber, AdSlot.InArticle) => -1.2,
        (UserSegment.PowerUser or UserSegment.Subscriber, AdSlot.Header) => 1.0,
        _ => 0,
    };

    public static double MeanRounds(double extraRounds)
    {
        var mean = 0.0;
        for (var rounds = 1; rounds <= Reader.MostRounds; rounds++) mean += rounds * ProbabilityOfRounds(extraRounds, rounds);
        return mean;
    }

    /// <summary>One round, and as many more as a Poisson number cut at the most.</summary>
    public static double ProbabilityOfRounds(double extraRounds, int rounds)
    {
        var mass = Math.Exp(-extraRounds);
        var below = 0.0;
        for (var more = 0; more < rounds - 1; more++)
        {
            below += mass;
            mass *= extraRounds / (more + 1);
        }
        return rounds == Reader.MostRounds ? 1 - below : mass;
    }

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
    private static double Logit(double p) => Math.Log(p / (1 - p));
}
