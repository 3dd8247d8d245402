using System.ComponentModel.DataAnnotations;
using Media.Features;
using Media.Models.LightGbm;
using Media.Recommendation;

namespace Media.Models.NextReads;

/// <summary>How an <see cref="CandidateRanker"/> narrows and orders.</summary>
/// <remarks>Immutable, thread-safe. The defaults were chosen by validation on months of their own.</remarks>
public sealed record CandidateRankerOptions
{
    /// <summary>Unread articles taken from each order (newest, most popular, liked by similar readers), 10–1,000. Default 50.</summary>
    [Range(10, 1000)] public int ArticlesPerOrder { get; init; } = 50;

    /// <summary>Boosters of different seeds whose scores are averaged, 1–50. Default 4.</summary>
    [Range(1, 50)] public int Boosters { get; init; } = 4;

    /// <summary>Most instances learnt from, 10–1,000,000; of more a fixed sample is drawn. Default 9,000.</summary>
    [Range(10, 1_000_000)] public int MostInstances { get; init; } = 9_000;

    /// <summary>Share of the offers not taken up that is learnt from, above 0 to 1; all that were taken up always are. Default 0.4.</summary>
    [Range(0.001, 1)] public double UntakenShare { get; init; } = 0.4;

    /// <summary>How each booster is grown; the seed is the first booster's.</summary>
    public LightGbmParameters Trees { get; init; } = new()
    {
        Trees = 300,
        LearningRate = 0.05,
        Leaves = 15,
        RowsPerLeaf = 50,
        FeatureShare = 0.3,
        RowShare = 0.7,
        L2 = 10,
        Bins = 127,
    };
}

/// <summary>What was ranked for one instance.</summary>
/// <param name="Best">Indices into the log's articles, best first; none that the reader has read.</param>
/// <param name="Plain">The same by <see cref="CandidateRanker.PlainOrder"/> alone: what a ranker has to beat.</param>
public sealed record RankedCandidates(ReadingInstance Instance, IReadOnlyList<int> Best, IReadOnlyList<int> Plain);

/// <summary>Orders a reader's unread articles by how likely the reader turns to each next: boosted trees over freshness, taste and habit.</summary>
/// <remarks>Learns from instances of the past: of each, the articles worth ranking with whether the reader turned to them. Immutable, thread-safe; ranks without native code.</remarks>
/// <seealso href="https://doi.org/10.1145/2959100.2959190">Covington, Adams &amp; Sargin 2016, Deep neural networks for YouTube recommendations: candidates first, then a ranker</seealso>
public sealed class CandidateRanker
{
    /// <summary>Without any past to choose by: popularity to which a reading of a day ago counts 1 ⁄ e.</summary>
    private const string UsualOrder = "first_readings_1d";

    private const int PlacesJudged = 10;

    private readonly FlatTrees[] _trees;
    private readonly CandidateRankerOptions _options;

    private CandidateRanker(FlatTrees[] trees, CandidateRankerOptions options, int rows, string plainOrder) => (_trees, _options, RowsLearnt, PlainOrder) = (trees, options, rows, plainOrder);

    /// <summary>Offers learnt from; 0 when there was nothing to learn from, and then popularity decides.</summary>
    public int RowsLearnt { get; }

    /// <summary>The feature that alone ordered the past best, among those that are the same for every reader: what decides when there was nothing to learn from.</summary>
    public string PlainOrder { get; }

    /// <summary>Learns from past instances: all that the log says after an instance's horizon stays unseen, so give those whose horizon is over.</summary>
    /// <param name="past">Ordered by cut, then by reader (<see cref="ReadingInstance.Of"/>).</param>
    /// <param name="measure">Of lists of ten: what <see cref="PlainOrder"/> is chosen by.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the instances are not in order.</exception>
    public static CandidateRanker Fit(ArticleLog log, IReadOnlyList<ReadingInstance> past, ListMeasure measure, CandidateRankerOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        var plain = new double[CandidateFeatures.PlainOrders.Count];
        var builder = new CandidateBuilder(new ReadingState(log), options.ArticlesPerOrder);
        var (values, labels) = (new List<float>(), new List<float>());
        foreach (var instance in ReadingInstance.Sample(past, options.MostInstances))
        {
            cancel.ThrowIfCancellationRequested();
            builder.State.AdvanceTo(instance.CutMicros);
            var offers = builder.Build(instance.Reader, cancel);
            // An instance whose articles all lie outside says nothing of their order.
            if (!offers.Articles.Any(instance.Relevant.Contains)) continue;
            for (var order = 0; order < plain.Length; order++) plain[order] += measure([.. Best(log, offers.Articles, PlainScores(offers, order), PlacesJudged, StringComparer.Ordinal).Select(instance.Relevant.Contains)], instance.Relevant.Count);
            for (var row = 0; row < offers.Articles.Length; row++)
            {
                var taken = instance.Relevant.Contains(offers.Articles[row]);
                if (!taken && instance.Draw(offers.Articles[row]) >= options.UntakenShare) continue;
                values.AddRange(offers.Row(row));
                labels.Add(taken ? 1 : 0);
            }
        }
        var plainOrder = plain.Max() == 0 ? UsualOrder : CandidateFeatures.PlainOrders[plain.IndexOf(plain.Max())].Name;
        if (!labels.Contains(0)) return new CandidateRanker([], options, 0, plainOrder);
        var (x, y) = (values.ToArray(), labels.ToArray());
        var trees = new FlatTrees[options.Boosters];
        Parallel.For(0, trees.Length, new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount }, b =>
        {
            using var booster = Booster.Train(options.Trees with { Seed = options.Trees.Seed + b }, CandidateFeatures.Names, new TrainingRows(x, CandidateFeatures.Names.Count, y), default, cancel);
            trees[b] = FlatTrees.Parse(booster.Text);
        });
        return new CandidateRanker(trees, options, y.Length, plainOrder);
    }

    /// <summary>Ranks for each instance, from what was known just before its cut.</summary>
    /// <param name="instances">Ordered by cut; their relevant articles are not looked at.</param>
    /// <param name="most">Articles in a list, ≥ 1.</param>
    /// <param name="ties">Of equal scores, the article whose id comes first in this order.</param>
    /// <param name="cutDone">Called after the last instance of each cut.</param>
    public IEnumerable<RankedCandidates> Rank(ArticleLog log, IReadOnlyList<ReadingInstance> instances, int most, IComparer<string> ties, Action<long> cutDone, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var builder = new CandidateBuilder(new ReadingState(log), _options.ArticlesPerOrder);
        var plainOrder = CandidateFeatures.PlainOrders.Select(o => o.Name).ToList().IndexOf(PlainOrder);
        for (var i = 0; i < instances.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var instance = instances[i];
            builder.State.AdvanceTo(instance.CutMicros);
            var offers = builder.Build(instance.Reader, cancel);
            var plain = Best(log, offers.Articles, PlainScores(offers, plainOrder), most, ties);
            yield return new RankedCandidates(instance, _trees.Length == 0 ? plain : Best(log, offers.Articles, Scores(offers), most, ties), plain);
            if (i + 1 == instances.Count || instances[i + 1].CutMicros != instance.CutMicros) cutDone(instance.CutMicros);
        }
    }

    private double[] Scores(CandidateSet offers)
    {
        var sum = new double[offers.Articles.Length];
        var one = new double[sum.Length];
        foreach (var trees in _trees)
        {
            trees.RawScores(offers.Values, one);
            for (var row = 0; row < sum.Length; row++) sum[row] += one[row];
        }
        return sum;
    }

    private static double[] PlainScores(CandidateSet offers, int order)
    {
        var (name, sign) = CandidateFeatures.PlainOrders[order];
        var column = CandidateFeatures.ColumnOf(name);
        return [.. offers.Articles.Select((_, row) => (double)sign * offers.Row(row)[column])];
    }

    private static int[] Best(ArticleLog log, int[] articles, double[] scores, int most, IComparer<string> ties) =>
        [.. Enumerable.Range(0, articles.Length).OrderByDescending(row => scores[row]).ThenBy(row => log.Articles[articles[row]].ArticleId, ties).Take(most).Select(row => articles[row])];
}
