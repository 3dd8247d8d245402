using System.Runtime.InteropServices;

namespace Media.Events.Simulator;

/// <summary>What can be known of readers and articles from offers and readings so far by one who knows the simulator's equations and constants, but nobody's traits.</summary>
/// <remarks>
/// Quality of an article and interest of a reader in a category are standard normal, depth of a reader is of two kinds; each observation moves the beliefs about all that it depends on
/// to the mean and the variance that Bayes' rule gives them (assumed-density filtering: beliefs stay normal and independent). Of a headline all is taken as known, also the little
/// that its form does not show; that the rounds of a visit tell of depth, too, is left out, which a model may find beyond it. Not thread-safe.
/// </remarks>
/// <seealso href="https://tminka.github.io/papers/ep/">Minka 2001, Expectation Propagation for Approximate Bayesian Inference (its first pass)</seealso>
internal sealed class KnowableReading(SimulatedTruth truth, double signal)
{
    private readonly Dictionary<Story, Belief> _quality = [];
    private readonly Dictionary<(int Reader, int Category), Belief> _interest = [];
    private readonly Dictionary<int, DepthBelief> _depth = [];

    /// <summary>Probability of a click on an offered article.</summary>
    /// <param name="position">0 = first</param>
    public double ClickProbability(UserId user, string articleId, int position, Surface surface)
    {
        var (reader, story) = truth.Locate(user, articleId);
        var (mean, variance) = LogOdds(reader, story, position, surface, QualityOf(story), InterestOf(reader, story));
        var p = 0.0;
        foreach (var (node, weight) in NormalMean.Nodes) p += weight * Odds.Sigmoid(mean + Math.Sqrt(variance) * node);
        return p;
    }

    /// <summary>Probability that the reader views an article that is so on offer in one visit to its brand.</summary>
    public double ReadProbability(UserId user, string articleId, Exposure exposure)
    {
        ref readonly var depth = ref DepthOf(truth.Locate(user, articleId).Reader);
        var rounds = (1 - depth.ReadsShare) * MeanRounds(depth.Skims) + depth.ReadsShare * MeanRounds(depth.Reads);
        return exposure.ReadProbability((position, surface) => ClickProbability(user, articleId, position, surface), rounds);

        double MeanRounds(in Belief kind) => Odds.MeanRounds(Reader.ExtraRoundsAt(kind.Mean, signal));
    }

    /// <summary>Mean of ln ms on the page.</summary>
    public double MeanLogMs(UserId user, string articleId)
    {
        var (reader, story) = truth.Locate(user, articleId);
        return Odds.DwellMeanLog(DepthOf(reader).Mean, QualityOf(story).Mean, InterestOf(reader, story).Mean, story.WordCount, signal);
    }

    public void LearnOffer(UserId user, string articleId, int position, Surface surface, bool clicked)
    {
        var (reader, story) = truth.Locate(user, articleId);
        ref var quality = ref QualityOf(story);
        ref var interest = ref InterestOf(reader, story);
        var (mean, variance) = LogOdds(reader, story, position, surface, quality, interest);
        if (variance == 0) return;
        var (mass, first, second) = (0.0, 0.0, 0.0);
        foreach (var (node, weight) in NormalMean.Nodes)
        {
            var z = Math.Sqrt(variance) * node;
            var p = Odds.Sigmoid(mean + z);
            var likely = weight * (clicked ? p : 1 - p);
            (mass, first, second) = (mass + likely, first + likely * z, second + likely * z * z);
        }
        var shift = first / mass;
        var left = second / mass - shift * shift;
        quality = quality.Moved(signal * Odds.QualityOnClick, variance, shift, left);
        interest = interest.Moved(signal * Odds.InterestOnClick, variance, shift, left);
    }

    /// <param name="seconds">on the page</param>
    public void LearnTime(UserId user, string articleId, double seconds)
    {
        var (reader, story) = truth.Locate(user, articleId);
        ref var quality = ref QualityOf(story);
        ref var interest = ref InterestOf(reader, story);
        ref var depth = ref DepthOf(reader);
        var (byQuality, byInterest, byDepth) = (signal * Odds.QualityOnDwell, signal * Odds.InterestOnDwell, signal * Odds.DepthOnDwell);
        var of = byQuality * byQuality * quality.Variance + byInterest * byInterest * interest.Variance;
        var over = Math.Log(seconds * 1_000) - Odds.DwellMeanLog(0, quality.Mean, interest.Mean, story.WordCount, signal);

        // Either kind of reader explains the time in its own way; the rest shares the mean of both.
        var (skims, reads) = (depth.Skims, depth.Reads);
        var (whole, wholeReads) = (Whole(skims), Whole(reads));
        var (surprise, surpriseReads) = (over - byDepth * skims.Mean, over - byDepth * reads.Mean);
        var odds = depth.ReadsShare / (1 - depth.ReadsShare) * Math.Sqrt(whole / wholeReads) * Math.Exp(surprise * surprise / (2 * whole) - surpriseReads * surpriseReads / (2 * wholeReads));
        var share = Math.Clamp(odds / (1 + odds), 1e-9, 1 - 1e-9);
        depth = new DepthBelief(share, skims.Seen(byDepth, whole, surprise), reads.Seen(byDepth, wholeReads, surpriseReads));
        quality = Mixed(quality, byQuality);
        interest = Mixed(interest, byInterest);

        double Whole(in Belief kind) => of + byDepth * byDepth * kind.Variance + Odds.DwellSdLog * Odds.DwellSdLog;

        Belief Mixed(in Belief before, double by)
        {
            var (a, b) = (before.Seen(by, whole, surprise), before.Seen(by, wholeReads, surpriseReads));
            var mean = (1 - share) * a.Mean + share * b.Mean;
            return new Belief(mean, (1 - share) * (a.Variance + (a.Mean - mean) * (a.Mean - mean)) + share * (b.Variance + (b.Mean - mean) * (b.Mean - mean)));
        }
    }

    private (double Mean, double Variance) LogOdds(Reader reader, Story story, int position, Surface surface, in Belief quality, in Belief interest) =>
        (Odds.ClickLogOdds(quality.Mean, interest.Mean, story.HeadlineEffects[story.HeadlineFor(reader)], position, surface, signal),
            signal * signal * (Odds.QualityOnClick * Odds.QualityOnClick * quality.Variance + Odds.InterestOnClick * Odds.InterestOnClick * interest.Variance));

    private ref Belief QualityOf(Story story)
    {
        ref var belief = ref CollectionsMarshal.GetValueRefOrAddDefault(_quality, story, out var known);
        if (!known) belief = new Belief(0, 1);
        return ref belief;
    }

    private ref Belief InterestOf(Reader reader, Story story)
    {
        ref var belief = ref CollectionsMarshal.GetValueRefOrAddDefault(_interest, (reader.Index, story.Category), out var known);
        if (!known) belief = new Belief(0, 1);
        return ref belief;
    }

    private ref DepthBelief DepthOf(Reader reader)
    {
        ref var belief = ref CollectionsMarshal.GetValueRefOrAddDefault(_depth, reader.Index, out var known);
        if (!known) belief = new DepthBelief(Reader.DeepShare, new Belief(Reader.SkimMean, Reader.DepthSd * Reader.DepthSd), new Belief(Reader.DeepMean, Reader.DepthSd * Reader.DepthSd));
        return ref belief;
    }

    /// <summary>A trait as believed: normal.</summary>
    private readonly record struct Belief(double Mean, double Variance)
    {
        /// <summary>After a score that the trait weighs in, of this variance, turned out shifted and with less variance.</summary>
        public Belief Moved(double by, double variance, double shift, double left)
        {
            var gain = by * Variance / variance;
            return new Belief(Mean + gain * shift, Variance + gain * gain * (left - variance));
        }

        /// <summary>After a sum that the trait weighs in, of this variance, was seen to exceed its mean.</summary>
        public Belief Seen(double by, double variance, double surprise) => Moved(by, variance, surprise, 0);
    }

    /// <param name="ReadsShare">Probability that this one reads deeply.</param>
    private readonly record struct DepthBelief(double ReadsShare, Belief Skims, Belief Reads)
    {
        public double Mean => (1 - ReadsShare) * Skims.Mean + ReadsShare * Reads.Mean;
    }
}
