using System.CommandLine;
using System.Globalization;
using Media.Evaluation;
using Media.Events.Archives;

namespace Media.Jobs;

/// <summary><c>evaluate headline</c>: which headline of a test is clicked more, foretold from its text.</summary>
internal static class EvaluateHeadline
{
    private static readonly Option<string> Train = EvaluateVerb.File("--train", "Tests to learn from, in the format of the Upworthy Research Archive");
    private static readonly Option<string> Test = EvaluateVerb.File("--test", "Tests to judge on, in the same format");

    public static Command Command() => EvaluateVerb.Evaluation("headline", "Pairwise accuracy of a model of headlines on tests it never saw.", [Train, Test], (parsed, remarks, cancel) =>
    {
        var (training, test) = ReadBoth(parsed.GetRequiredValue(Train), parsed.GetRequiredValue(Test), remarks, cancel);
        var pairs = new HeadlinePairs(test);
        if (pairs.Tests == 0) throw new JobException($"{parsed.GetRequiredValue(Test)} has no test with two headlines of different click rates: there is nothing to judge.");
        var fit = Fit(training, remarks, cancel);
        var bootstrap = new BootstrapOptions();
        var line = Metrics(pairs.Judge(fit.Scorer.Score([.. test.Select(p => p.Headline)], cancel), bootstrap, cancel))
            .Add("tests", (long)pairs.Tests).Add("pairs", (long)pairs.Pairs.Count).Add("significant_pairs", (long)pairs.SignificantPairs)
            .Add("tests_in_risk_window", (long)test.Where(p => p.InRiskWindow).DistinctBy(p => p.TestId).Count())
            .Add("learns_from_risk_window", fit.LearnsFromRiskWindow ? "yes" : "no")
            .Add("rows_train", (long)fit.Packages).Add("rows_test", (long)test.Count).Add("checksum", pairs.Checksum);
        // Random choice is right half the time; the longer headline is the best rule that needs no learning.
        return line.Add("baseline", Metrics(pairs.Judge([.. test.Select(p => (double)p.Headline.Length)], bootstrap, cancel)).Add("model", "longer_headline"));
    });

    /// <summary>The two files' packages; training tests that stand in the test file too are taken out.</summary>
    internal static (IReadOnlyList<HeadlinePackage> Train, IReadOnlyList<HeadlinePackage> Test) ReadBoth(string trainPath, string testPath, TextWriter remarks, CancellationToken cancel)
    {
        var (training, test) = (UpworthyArchive.Read(trainPath, remarks.WriteLine, cancel), UpworthyArchive.Read(testPath, remarks.WriteLine, cancel));
        var judged = test.Select(p => p.TestId).ToHashSet(StringComparer.Ordinal);
        HeadlinePackage[] kept = [.. training.Where(p => !judged.Contains(p.TestId))];
        if (kept.Length < training.Count)
            remarks.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{training.Where(p => judged.Contains(p.TestId)).DistinctBy(p => p.TestId).Count()} tests stand in both files: they are judged, not learned from."));
        if (test.Count(p => p.InRiskWindow) is > 0 and var risky)
            remarks.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{risky} of {test.Count} packages to judge lie in the window in which readers may not have been dealt at random: claim nothing by them."));
        return (kept, test);
    }

    /// <summary>Fits, and says what was decided about the risk window and why.</summary>
    internal static HeadlineFit Fit(IReadOnlyList<HeadlinePackage> training, TextWriter remarks, CancellationToken cancel)
    {
        HeadlineFit fit;
        try { fit = HeadlineFit.Of(training, cancel); }
        catch (ArgumentException e) { throw new JobException(e.Message, e); }
        if (training.Count(p => p.InRiskWindow) is > 0 and var risky)
            remarks.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{risky} training packages lie in the randomisation-risk window; they are {(fit.LearnsFromRiskWindow ? "learned from" : "left out")}: weighted accuracy on later tests outside it, {Figure(fit.Accuracy.With)} with them, {Figure(fit.Accuracy.Without)} without."));
        return fit;
    }

    private static string Figure(double accuracy) => double.IsNaN(accuracy) ? "untried" : accuracy.ToString("0.000", CultureInfo.InvariantCulture);

    private static EvaluationLine Metrics(HeadlineAccuracy accuracy) => new EvaluationLine()
        .Add("pairwise_accuracy", accuracy.PairwiseAccuracy)
        .Add("pairwise_accuracy_significant", accuracy.PairwiseAccuracySignificant)
        .Add("ctr_of_pick_over_uniform", accuracy.CtrOfPickOverUniform);
}
