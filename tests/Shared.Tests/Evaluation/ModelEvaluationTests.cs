using Media.Evaluation;
using Media.Features;
using Media.Models;

namespace Media.Tests.Evaluation;

public class ModelEvaluationTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly Judging Judging = new() { Kind = LabelKind.YesNo };

    /// <summary>Labels drawn from σ(1.5 · a + 0.7 · b − 1), which is kept beside them.</summary>
    private static (LabelledRows Rows, double[] Probability) Drawn(int seed, int rows, long asOf)
    {
        var random = new Random(seed);
        var values = new float[rows * 2];
        var p = new double[rows];
        var y = new float[rows];
        for (var r = 0; r < rows; r++)
        {
            (values[2 * r], values[2 * r + 1]) = (random.NextSingle() * 4 - 2, random.NextSingle() * 4 - 2);
            p[r] = 1 / (1 + Math.Exp(1 - 1.5 * values[2 * r] - 0.7 * values[2 * r + 1]));
            y[r] = random.NextDouble() < p[r] ? 1 : 0;
        }
        long[] at = [.. Enumerable.Repeat(asOf, rows)];
        var x = new FeatureBatch(["a", "b"], [.. Enumerable.Range(0, rows).Select(r => $"u{r}")], at, [.. at.Select(t => t - 1)], values);
        return (LabelledRows.Of(x, y, TimeSpan.FromDays(28)), p);
    }

    private static readonly LabelledRows Train = Drawn(1, 3_000, 0).Rows;
    private static readonly (LabelledRows Rows, double[] Probability) Test = Drawn(2, 2_000, (long)TimeSpan.FromDays(28).TotalMicroseconds);

    private static EvaluationResult Evaluate(string[] model, params string[][] baselines) => ModelEvaluation.Evaluate(
        new PlainLogistic("model", model), Train, Test.Rows, [.. baselines.Select((b, i) => new PlainLogistic($"baseline{i}", b))], Test.Probability, Judging, Cancel);

    [Fact]
    public void ModelOfTheTrueForm_ReachesTheCeilingAndBeatsHalfOfIt()
    {
        var result = Evaluate(["a", "b"], ["b"], ["a"]);
        Assert.InRange(result.ShareOfCeiling!.Value.Value, 0.98, 1.02);
        Assert.True(result.ShareOfCeiling.Value.Low <= 1.001 && result.ShareOfCeiling.Value.High >= 0.99);
        Assert.Equal("baseline1", result.Gain.Baseline);
        Assert.True(result.Gain.IsGain);
        Assert.StartsWith("model: gain over baseline1, AUC +0.0", result.Gain.Sentence);
        Assert.InRange(result.Judged["ece"].Value, 0, 3 * result.CalibrationNoise!.Value);
    }

    [Fact]
    public void ModelEqualToItsBaseline_NoGain()
    {
        var result = Evaluate(["a", "b"], ["b"], ["a", "b"]);
        Assert.Equal("model: no gain over baseline1, AUC 0.0000 (95 % CI 0.0000 to 0.0000).", result.Gain.Sentence);
    }

    [Fact]
    public void ModelWorseThanItsBaseline_NoGain()
    {
        var result = Evaluate(["b"], ["a"]);
        Assert.False(result.Gain.IsGain);
        Assert.True(result.Gain.Difference.High < 0);
        Assert.Contains("no gain over baseline0, AUC -0.", result.Gain.Sentence);
    }

    [Fact]
    public void Result_HoldsEveryMetricOfEveryModelAndItsOwnInterval()
    {
        var result = Evaluate(["a", "b"], ["a"]);
        foreach (var judged in (JudgedModel[])[result.Judged, .. result.Baselines, result.Ceiling!])
        {
            Assert.Equal(ModelEvaluation.Metrics(LabelKind.YesNo), judged.Metrics.Select(m => m.Metric));
            Assert.All(judged.Metrics.Where(m => m.Metric != "ece"), m => Assert.InRange(m.Value, m.Low, m.High));
            Assert.Equal(AreaUnderCurve.Of(judged.Scores, Test.Rows.Y), judged["auc"].Value);
        }
        Assert.Equal("ceiling", result.Ceiling!.Name);
        Assert.Equal(["model", "baseline0"], result.ForCard().Select(m => m.Model));
    }

    [Fact]
    public void NoTrueProbability_NoCeiling()
    {
        var result = ModelEvaluation.Evaluate(new PlainLogistic("model", ["a"]), Train, Test.Rows, [new PlainLogistic("baseline", ["b"])], null, Judging, Cancel);
        Assert.Null(result.Ceiling);
        Assert.Null(result.ShareOfCeiling);
    }

    [Fact]
    public void NoBaseline_Refused() => Assert.Throws<ArgumentException>(() =>
        ModelEvaluation.Evaluate(new PlainLogistic("model", ["a"]), Train, Test.Rows, [], null, Judging, Cancel));

    /// <summary>Amounts drawn around 2 + 1.5 · a + 0.7 · b with unit noise: R² of the truth is (1.5² + 0.7²) · 4/3 of that plus 1.</summary>
    private static (LabelledRows Rows, double[] Mean) DrawnAmounts(int seed, int rows, int rowsOfEach, long asOf)
    {
        var (drawn, _) = Drawn(seed, rows, asOf);
        var random = new Random(seed + 100);
        double[] mean = [.. Enumerable.Range(0, rows).Select(r => 2 + 1.5 * drawn.X.Values[2 * r] + 0.7 * drawn.X.Values[2 * r + 1])];
        float[] y = [.. mean.Select(m => (float)(m + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        var x = new FeatureBatch(drawn.X.Names, [.. Enumerable.Range(0, rows).Select(r => $"u{r / rowsOfEach}")], drawn.X.AsOfMicros, drawn.X.LatestEventMicros, drawn.X.Values);
        return (LabelledRows.Of(x, y, TimeSpan.FromDays(28)), mean);
    }

    private static EvaluationResult EvaluateAmounts(string? lead, int rowsOfEach)
    {
        var (train, _) = DrawnAmounts(3, 2_000, 1, 0);
        var (test, mean) = DrawnAmounts(4, 2_000, rowsOfEach, (long)TimeSpan.FromDays(28).TotalMicroseconds);
        return ModelEvaluation.Evaluate(new PlainLine("model", ["a", "b"]), train, test, [new PlainLine("half", ["a"]), new PlainLine("less", ["b"])], mean,
            new Judging { Kind = LabelKind.Amount, Lead = lead }, Cancel);
    }

    [Fact]
    public void Amounts_ModelOfTheTrueForm_ReachesTheCeiling()
    {
        var result = EvaluateAmounts(lead: null, rowsOfEach: 1);
        Assert.Equal(("r2", "half"), (result.Lead, result.Gain.Baseline));
        Assert.InRange(result.Ceiling!["r2"].Value, 0.75, 0.82);
        Assert.InRange(result.ShareOfCeiling!.Value.Value, 0.99, 1.01);
        Assert.StartsWith("model: gain over half, R² +0.1", result.Gain.Sentence, StringComparison.Ordinal);
        Assert.Equal(ModelEvaluation.Metrics(LabelKind.Amount), result.Judged.Metrics.Select(m => m.Metric));
        Assert.All(result.Judged.Metrics, m => Assert.InRange(m.Value, m.Low, m.High));
        Assert.Null(result.CalibrationNoise);
        Assert.Equal(10, result.Judged.Calibration.Count);
        Assert.Empty(result.Judged.Roc);
    }

    [Fact]
    public void Amounts_WithinLists_LedByPairs()
    {
        var result = EvaluateAmounts(lead: "pairwise_accuracy", rowsOfEach: 4);
        Assert.Equal([.. ModelEvaluation.Metrics(LabelKind.Amount), "pairwise_accuracy", "rank_correlation"], result.Judged.Metrics.Select(m => m.Metric));
        Assert.InRange(result.Judged["pairwise_accuracy"].Value, 0.75, 0.95);
        Assert.InRange(result.ShareOfCeiling!.Value.Value, 0.98, 1.02);
        Assert.Contains("pairwise accuracy +0.0", result.Gain.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void LeadThatTheRowsCannotHave_Refused()
    {
        Assert.Contains("compete in lists", Assert.Throws<ArgumentException>(() => EvaluateAmounts("pairwise_accuracy", rowsOfEach: 1)).Message, StringComparison.Ordinal);
        Assert.Contains("those that can are r2, spearman", Assert.Throws<ArgumentException>(() => EvaluateAmounts("auc", rowsOfEach: 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralRowsOfOneEntity_WiderIntervalsThanRowsAlone()
    {
        var (rows, p) = Drawn(5, 1_000, 0);
        // Each row four times, as of four instants: nothing new is learnt, and the intervals must not shrink.
        int[] four = [.. Enumerable.Range(0, 4).SelectMany(_ => Enumerable.Range(0, 1_000))];
        long[] asOf = [.. four.Select((_, i) => (long)(i / 1_000))];
        var taken = rows.Take(four);
        var repeated = LabelledRows.Of(new FeatureBatch(taken.X.Names, taken.X.Entities, asOf, [.. asOf.Select(t => t - 1)], taken.X.Values), taken.Y, TimeSpan.FromDays(28));
        var once = Judge(rows);
        Assert.InRange(Width(Judge(repeated)) / Width(once), 0.85, 1.15);

        EvaluationResult Judge(LabelledRows test) => ModelEvaluation.Evaluate(new PlainLogistic("model", ["a"]), Train, test, [new PlainLogistic("baseline", ["b"])], null, Judging, Cancel);
        static double Width(EvaluationResult result) => result.Judged["auc"].High - result.Judged["auc"].Low;
    }
}
