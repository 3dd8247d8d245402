using Media.Events.Archives;
using Media.Models.Text;

namespace Media.Evaluation;

/// <summary>A scorer of headlines whose settings were chosen on the last weeks of its own training tests.</summary>
/// <param name="Scorer">Fitted on all training tests that the settings take.</param>
/// <param name="LearnsFromRiskWindow">Whether tests of the randomisation-risk window are learned from.</param>
/// <param name="Validation">Tests of the last weeks, outside the risk window; empty when there were too few to choose by.</param>
/// <param name="Earlier">The scorer that never saw the validation tests, with the same settings; null when there were too few.</param>
/// <param name="Accuracy">Weighted accuracy over the validation: with the risk window, without it; NaN where not tried.</param>
/// <param name="Packages">Packages learned from.</param>
public sealed record HeadlineFit(
    HeadlineScorer Scorer, HeadlineScorerOptions Options, bool LearnsFromRiskWindow, IReadOnlyList<HeadlinePackage> Validation, HeadlineScorer? Earlier, (double With, double Without) Accuracy, int Packages)
{
    /// <summary>Where the validation's steps begin, as shares of the tests outside the risk window in order of week; each goes on to the next, the last to the end.</summary>
    private static readonly double[] Steps = [0.5, 0.65, 0.8];
    private const int FewestPairs = 100;
    private const double ZCap = 4;

    private static readonly HeadlineScorerOptions[] Candidates = [new() { L2 = 50 }, new(), new() { L2 = 200 }];

    /// <summary>Chooses, then fits on all.</summary>
    /// <remarks>
    /// Walks forward in three steps over the later half of the tests outside the risk window: fits on all before a step, judges on the step, and sums over steps. Each setting is tried with and
    /// without the risk window's tests: readers dealt unevenly blur a test's outcome but do not turn it, so such tests may teach, while none is ever judged here. With fewer
    /// than 100 pairs to choose by, the defaults stand and the risk window is left out. Deterministic.
    /// </remarks>
    /// <exception cref="ArgumentException">There is nothing to learn from.</exception>
    public static HeadlineFit Of(IReadOnlyList<HeadlinePackage> training, CancellationToken cancel)
    {
        // A test that goes on for two weeks belongs to the first, as a whole; one partly in the risk window is in it.
        List<PastTest> tests = [.. training.GroupBy(p => p.TestId, StringComparer.Ordinal)
            .Select(t => new PastTest(t.Min(p => p.Week), t.Any(p => p.InRiskWindow), [.. t.OrderBy(p => p.Index)]))
            .OrderBy(t => t.Week).ThenBy(t => t.Packages[0].TestId, StringComparer.Ordinal)];
        var clean = tests.Where(t => !t.AtRisk).ToList();
        if (!tests.Any(t => t.Teaches)) throw new ArgumentException("No training test has two headlines that were shown: there is nothing to learn from.");

        var right = new double[2, Candidates.Length];
        var total = 0.0;
        var tried = new bool[2];
        var last = (Validation: (IReadOnlyList<HeadlinePackage>)[], Scorers: new IReadOnlyList<HeadlineScorer>[2]);
        foreach (var (from, until) in Weeks(clean))
        {
            var validation = new HeadlinePairs([.. clean.Where(t => t.Week >= from && t.Week < until).SelectMany(t => t.Packages)]);
            var earlier = tests.Where(t => t.Week < from).ToList();
            if (validation.Pairs.Count < FewestPairs || !earlier.Any(t => !t.AtRisk && t.Teaches)) continue;
            string[] headlines = [.. validation.Packages.Select(p => p.Headline)];
            var weight = validation.Pairs.Sum(p => Math.Min(Math.Abs(p.Z), ZCap));
            total += weight;
            last.Validation = validation.Packages;
            for (var risk = 0; risk < 2; risk++)
            {
                tried[risk] |= risk == 0 || earlier.Any(t => t.AtRisk);
                // Steps before the risk window know no difference: both ways count alike there.
                if (risk == 0 || earlier.Any(t => t.AtRisk)) last.Scorers[risk] = HeadlineScorer.Fit(Variants(earlier, risk == 1), Candidates, cancel);
                else last.Scorers[risk] = last.Scorers[0];
                for (var c = 0; c < Candidates.Length; c++) right[risk, c] += weight * validation.WeightedAccuracy(last.Scorers[risk][c].Score(headlines, cancel), ZCap);
            }
        }

        var (chosenRisk, chosen) = (0, Array.FindIndex(Candidates, c => c == new HeadlineScorerOptions()));
        for (var risk = 0; risk < 2; risk++)
            for (var c = 0; c < Candidates.Length; c++)
                if (tried[risk] && right[risk, c] > right[chosenRisk, chosen]) (chosenRisk, chosen) = (risk, c);
        // When everything lies in the risk window there is nothing else to learn from.
        var learnsFromRisk = chosenRisk == 1 || !clean.Any(t => t.Teaches);
        var variants = Variants(tests, learnsFromRisk);
        return new HeadlineFit(HeadlineScorer.Fit(variants, Candidates[chosen], cancel), Candidates[chosen], learnsFromRisk, last.Validation, total > 0 ? last.Scorers[chosenRisk][chosen] : null,
            (Best(1), Best(0)), variants.Count);

        double Best(int risk) => tried[risk] ? Enumerable.Range(0, Candidates.Length).Max(c => right[risk, c]) / total : double.NaN;
    }

    private static IEnumerable<(int From, int Until)> Weeks(List<PastTest> clean)
    {
        if (clean.Count == 0) yield break;
        int[] starts = [.. Steps.Select(share => clean[(int)(clean.Count * share)].Week).Distinct()];
        for (var i = 0; i < starts.Length; i++) yield return (starts[i], i + 1 < starts.Length ? starts[i + 1] : int.MaxValue);
    }

    private static List<HeadlineVariant> Variants(List<PastTest> tests, bool withRisk) =>
        [.. tests.Where(t => withRisk || !t.AtRisk).SelectMany(t => t.Packages).Select(p => new HeadlineVariant(p.TestId, p.Headline, p.Impressions, p.Clicks))];

    private sealed record PastTest(int Week, bool AtRisk, HeadlinePackage[] Packages)
    {
        /// <summary>Whether two different headlines were shown.</summary>
        public bool Teaches { get; } = Packages.Where(p => p.Impressions > 0).DistinctBy(p => p.Headline).Skip(1).Any();
    }
}
