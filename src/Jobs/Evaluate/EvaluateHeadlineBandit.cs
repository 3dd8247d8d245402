using System.CommandLine;
using Media.Evaluation;

namespace Media.Jobs;

/// <summary><c>evaluate headline-bandit</c>: policies that choose a headline for each reader, replayed on measured tests.</summary>
internal static class EvaluateHeadlineBandit
{
    private static readonly Option<string> Train = EvaluateVerb.File("--train", "Tests to learn from, in the format of the Upworthy Research Archive");
    private static readonly Option<string> Test = EvaluateVerb.File("--test", "Tests to play again, in the same format");

    public static Command Command() => EvaluateVerb.Evaluation("headline-bandit", "Regret of bandit policies that choose between a test's headlines.", [Train, Test], (parsed, remarks, cancel) =>
    {
        var (training, test) = EvaluateHeadline.ReadBoth(parsed.GetRequiredValue(Train), parsed.GetRequiredValue(Test), remarks, cancel);
        var fit = EvaluateHeadline.Fit(training, remarks, cancel);
        var replay = HeadlineReplay.Of(fit, training, new HeadlineReplayOptions(), cancel);
        var tests = replay.TestsOf(test);
        if (tests == 0) throw new JobException($"{parsed.GetRequiredValue(Test)} has no test with two different headlines that were shown: there is nothing to play.");
        var regrets = replay.Run(test, fit.Scorer.Score([.. test.Select(p => p.Headline)], cancel), new BootstrapOptions(), cancel);
        var line = new EvaluationLine().Add("regret", regrets.Single(r => r.Policy == replay.Recommended).Regret).Add("policy", replay.Recommended);
        foreach (var regret in regrets) line.Add($"regret_{regret.Policy}", regret.Regret);
        return line.Add("tests", (long)tests)
            .Add("rows_train", (long)fit.Packages).Add("rows_test", (long)test.Count).Add("checksum", new HeadlinePairs(test).Checksum)
            .Add("baseline", new EvaluationLine().Add("regret", regrets.Single(r => r.Policy == "uniform").Regret).Add("policy", "uniform"));
    });
}
