using Media.Evaluation;
using Media.Features;
using Media.Models;

namespace Media.Tests.Evaluation;

public class ModelEvaluationTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

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
        new PlainLogistic("model", model), Train, Test.Rows, [.. baselines.Select((b, i) => new PlainLogistic($"baseline{i}", b))], Test.Probability, new BootstrapOptions(), Cancel);

    [Fact]
    public void ModelOfTheTrueForm_ReachesTheCeilingAndBeatsHalfOfIt()
    {
        var result = Evaluate(["a", "b"], ["b"], ["a"]);
        Assert.InRange(result.ShareOfCeiling!.Value.Value, 0.98, 1.02);
        Assert.True(result.ShareOfCeiling.Value.Low <= 1.001 && result.ShareOfCeiling.Value.High >= 0.99);
        Assert.Equal("baseline1", result.Gain.Baseline);
        Assert.True(result.Gain.IsGain);
        Assert.StartsWith("model: gain over baseline1, AUC +0.0", result.Gain.Sentence);
        Assert.InRange(result.Judged["ece"].Value, 0, 3 * result.CalibrationNoise);
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
        Assert.True(result.Gain.Auc.High < 0);
        Assert.Contains("no gain over baseline0, AUC -0.", result.Gain.Sentence);
    }

    [Fact]
    public void Result_HoldsEveryMetricOfEveryModelAndItsOwnInterval()
    {
        var result = Evaluate(["a", "b"], ["a"]);
        foreach (var judged in (JudgedModel[])[result.Judged, .. result.Baselines, result.Ceiling!])
        {
            Assert.Equal(ModelEvaluation.Metrics, judged.Metrics.Select(m => m.Metric));
            Assert.All(judged.Metrics.Where(m => m.Metric != "ece"), m => Assert.InRange(m.Value, m.Low, m.High));
            Assert.Equal(AreaUnderCurve.Of(judged.Scores, Test.Rows.Y), judged["auc"].Value);
        }
        Assert.Equal("ceiling", result.Ceiling!.Name);
        Assert.Equal(["model", "baseline0"], result.ForCard().Select(m => m.Model));
    }

    [Fact]
    public void NoTrueProbability_NoCeiling()
    {
        var result = ModelEvaluation.Evaluate(new PlainLogistic("model", ["a"]), Train, Test.Rows, [new PlainLogistic("baseline", ["b"])], null, new BootstrapOptions(), Cancel);
        Assert.Null(result.Ceiling);
        Assert.Null(result.ShareOfCeiling);
    }

    [Fact]
    public void NoBaseline_Refused() => Assert.Throws<ArgumentException>(() =>
        ModelEvaluation.Evaluate(new PlainLogistic("model", ["a"]), Train, Test.Rows, [], null, new BootstrapOptions(), Cancel));
}
