using System.CommandLine;
using Media.Evaluation;
using Media.Models;

namespace Media.Jobs;

/// <summary><c>evaluate engagement</c>: how much the readers who were there in the last days will do in the next.</summary>
internal static class EvaluateEngagement
{
    public static Command Command() => EvaluateVerb.Evaluation("engagement",
        "Readers with an event in the horizon before a date: ln(1 + events in the horizon from it). Trained on earlier dates; the baseline says that all goes on as before. checksum: over 'personId,count' of the test rows by id.",
        ActivityEvaluation.Options, Run);

    private static EvaluationLine Run(ParseResult parsed, TextWriter remarks, CancellationToken cancel)
    {
        var split = ActivityEvaluation.Read(parsed, remarks, cancel);
        var (scores, _, _) = ActivityEvaluation.FitAndPredict(split, split.TrainY(Label), LabelKind.Amount, remarks, cancel);
        float[] labels = [.. split.Test.After.Select(Label)];
        double[] asBefore = [.. split.Test.Before.Select(n => (double)Label(n))];
        var draws = Bootstrap.Draw([new PredictedAmounts(scores, labels), new PredictedAmounts(asBefore, labels)], [RSquared.Of, PredictionError.MeanAbsolute, Spearman.Of], new BootstrapOptions { Seed = split.Seed }, cancel);
        return Figures(0).AddRows(split, n => n).Add("baseline", Figures(1));

        EvaluationLine Figures(int of) => new EvaluationLine().Add("r2", draws.Estimate(of, 0)).Add("mae", draws.Estimate(of, 1)).Add("spearman", draws.Estimate(of, 2));
    }

    private static float Label(int events) => float.LogP1(events);
}
