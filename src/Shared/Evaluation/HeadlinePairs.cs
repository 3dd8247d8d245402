using System.Globalization;
using Media.Events.Archives;
using Media.Models;

namespace Media.Evaluation;

/// <summary>Two packages of one test that can be told apart: other headlines, other click rates.</summary>
/// <param name="First">Position of the one with the lower index.</param>
/// <param name="Second">Position of the other.</param>
/// <param name="Z">Pooled two-proportion z of the first's click rate over the second's; its sign says which was clicked more.</param>
public readonly record struct HeadlinePair(int First, int Second, double Z)
{
    // The 97.5 % quantile of the standard normal distribution.
    private const double Bound = 1.959963984540054;

    public bool FirstWins => Z > 0;

    /// <summary>Whether chance alone would part them so far less than once in twenty.</summary>
    public bool IsSignificant => Math.Abs(Z) > Bound;
}

/// <summary>How well scores foretell which headline of a test is clicked more.</summary>
/// <param name="PairwiseAccuracy">Share of pairs in the right order; equal scores count half.</param>
/// <param name="PairwiseAccuracySignificant">The same over significant pairs.</param>
/// <param name="CtrOfPickOverUniform">Mean click rate of each test's best-scored package over the mean click rate of all its packages, each mean over tests.</param>
public sealed record HeadlineAccuracy(Estimate PairwiseAccuracy, Estimate PairwiseAccuracySignificant, Estimate CtrOfPickOverUniform);

/// <summary>The pairs of headline tests to judge by.</summary>
/// <remarks>Pairs by test id (ordinal), then the first's index, then the second's. A package never shown is in no pair. Immutable, thread-safe.</remarks>
public sealed class HeadlinePairs
{
    private readonly (int Start, int End)[] _pairsOfTest;
    private readonly int[][] _packagesOfTest;

    /// <param name="packages">In any order; positions in pairs refer to it.</param>
    public HeadlinePairs(IReadOnlyList<HeadlinePackage> packages)
    {
        Packages = packages;
        var pairs = new List<HeadlinePair>();
        var tests = new List<(int, int)>();
        var packagesOfTest = new List<int[]>();
        foreach (var test in Enumerable.Range(0, packages.Count).GroupBy(i => packages[i].TestId, StringComparer.Ordinal).OrderBy(test => test.Key, StringComparer.Ordinal))
        {
            int[] shown = [.. test.Where(i => packages[i].Impressions > 0).OrderBy(i => packages[i].Index)];
            var start = pairs.Count;
            for (var i = 0; i < shown.Length; i++)
                for (var j = i + 1; j < shown.Length; j++)
                    if (Differ(packages[shown[i]], packages[shown[j]])) pairs.Add(new HeadlinePair(shown[i], shown[j], PooledZ(packages[shown[i]], packages[shown[j]])));
            if (pairs.Count == start) continue;
            tests.Add((start, pairs.Count));
            packagesOfTest.Add(shown);
        }
        (Pairs, _pairsOfTest, _packagesOfTest) = (pairs, [.. tests], [.. packagesOfTest]);
    }

    public IReadOnlyList<HeadlinePackage> Packages { get; }
    public IReadOnlyList<HeadlinePair> Pairs { get; }

    /// <summary>Tests with at least one pair.</summary>
    public int Tests => _pairsOfTest.Length;

    public int SignificantPairs => Pairs.Count(p => p.IsSignificant);

    /// <summary>Over lines of the two indexes, 1 when the first wins, 1 when significant.</summary>
    public string Checksum => RowChecksum.Of(Pairs.Select(p =>
        string.Create(CultureInfo.InvariantCulture, $"{Packages[p.First].Index},{Packages[p.Second].Index},{(p.FirstWins ? 1 : 0)},{(p.IsSignificant ? 1 : 0)}")));

    /// <summary>Judges scores; intervals resample tests.</summary>
    /// <param name="scores">One finite number per package; higher means clicked more.</param>
    /// <exception cref="ArgumentException">Another number of scores than packages.</exception>
    public HeadlineAccuracy Judge(IReadOnlyList<double> scores, BootstrapOptions options, CancellationToken cancel)
    {
        if (scores.Count != Packages.Count) throw new ArgumentException($"scores has {scores.Count} entries but there are {Packages.Count} packages.");
        var (right, pairs, rightSignificant, significant) = (new double[Tests], new double[Tests], new double[Tests], new double[Tests]);
        var (pick, all) = (new double[Tests], new double[Tests]);
        for (var test = 0; test < Tests; test++)
        {
            for (var at = _pairsOfTest[test].Start; at < _pairsOfTest[test].End; at++)
            {
                var hit = Hit(Pairs[at], scores);
                right[test] += hit;
                pairs[test]++;
                if (!Pairs[at].IsSignificant) continue;
                rightSignificant[test] += hit;
                significant[test]++;
            }
            var packages = _packagesOfTest[test];
            var best = packages.Max(i => scores[i]);
            pick[test] = packages.Where(i => scores[i] == best).Average(i => Packages[i].ClickRate);
            all[test] = packages.Average(i => Packages[i].ClickRate);
        }
        return new HeadlineAccuracy(RatioOfSums.Of(right, pairs, options, cancel), RatioOfSums.Of(rightSignificant, significant, options, cancel), RatioOfSums.Of(pick, all, options, cancel));
    }

    /// <summary>Share of pairs in the right order, a pair weighing |z| up to <paramref name="cap"/>: says more than a count, since a pair parted by chance weighs little. NaN without pairs.</summary>
    public double WeightedAccuracy(IReadOnlyList<double> scores, double cap)
    {
        var (right, total) = (0.0, 0.0);
        foreach (var pair in Pairs)
        {
            var weight = Math.Min(Math.Abs(pair.Z), cap);
            right += weight * Hit(pair, scores);
            total += weight;
        }
        return right / total;
    }

    private static double Hit(HeadlinePair pair, IReadOnlyList<double> scores) =>
        scores[pair.First] == scores[pair.Second] ? 0.5 : scores[pair.First] > scores[pair.Second] == pair.FirstWins ? 1 : 0;

    private static bool Differ(HeadlinePackage a, HeadlinePackage b) =>
        a.Headline != b.Headline && (Int128)a.Clicks * b.Impressions != (Int128)b.Clicks * a.Impressions;

    private static double PooledZ(HeadlinePackage a, HeadlinePackage b)
    {
        var pooled = (double)(a.Clicks + b.Clicks) / (a.Impressions + b.Impressions);
        return (a.ClickRate - b.ClickRate) / Math.Sqrt(pooled * (1 - pooled) * (1.0 / a.Impressions + 1.0 / b.Impressions));
    }
}
