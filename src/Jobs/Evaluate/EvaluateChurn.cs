using System.CommandLine;
using Media.Evaluation;
using Media.Models;

namespace Media.Jobs;

/// <summary><c>evaluate churn</c>: which of the readers who were there in the last days will not come in the next.</summary>
internal static class EvaluateChurn
{
    public static Command Command() => EvaluateVerb.Evaluation("churn",
        "Readers with an event in the horizon before a date: who has none in the horizon from it? Trained on earlier dates; the baseline is the best single feature. checksum: over 'personId,label' of the test rows by id.",
        ActivityEvaluation.Options, Run);

    private static EvaluationLine Run(ParseResult parsed, TextWriter remarks, CancellationToken cancel)
    {
        var split = ActivityEvaluation.Read(parsed, remarks, cancel);
        var (scores, single, feature) = ActivityEvaluation.FitAndPredict(split, split.TrainY(n => Label(n)), LabelKind.YesNo, remarks, cancel);
        float[] labels = [.. split.Test.After.Select(n => (float)Label(n))];
        var draws = Bootstrap.Draw([new RankedRows(scores, labels), new RankedRows(single, labels)], [AreaUnderCurve.Of, LogLoss.Of, Calibration.Error], new BootstrapOptions { Seed = split.Seed }, cancel);
        return Figures(0).AddRows(split, Label).Add("baseline", Figures(1).Add("feature", feature));

        EvaluationLine Figures(int of) => new EvaluationLine().Add("auc", draws.Estimate(of, 0)).Add("log_loss", draws.Estimate(of, 1)).Add("ece", draws.Estimate(of, 2));
    }

    /// <summary>1: no event followed.</summary>
    private static int Label(int eventsAfter) => eventsAfter == 0 ? 1 : 0;
}
