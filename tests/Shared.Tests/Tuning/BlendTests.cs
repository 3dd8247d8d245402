using Media.Evaluation;
using Media.Models;
using Media.Tuning;

namespace Media.Tests.Tuning;

public class BlendTests
{
    private static readonly BlendOptions Small = new() { Trials = 3, Finalists = 1, ForestTrees = 30, Boosted = new() { Trees = 200, LearningRate = 0.1, Leaves = 8, RowsPerLeaf = 10, Patience = 15 } };

    [Fact]
    public void YesOrNo_ComesNearTheTruthAndIsCalibrated()
    {
        var (train, _) = Draw(1500, seed: 1, LabelKind.YesNo);
        var (test, truth) = Draw(4000, seed: 2, LabelKind.YesNo);
        using var model = Fit(train);
        var scores = model.Predict(test.Values);
        var (best, got) = (AreaUnderCurve.Of(truth, test.Labels), AreaUnderCurve.Of(scores, test.Labels));
        Assert.True(got - 0.5 > 0.9 * (best - 0.5), $"AUC {got:F3}; the truth has {best:F3}");
        Assert.InRange(scores.Average() - test.Labels.Average(), -0.03, 0.03);
        Assert.Equal(1, model.Shares.Sum(s => s.Weight), 1e-9);
        Assert.Contains(model.Shares, s => s is { Member: "random_forest" });
    }

    [Fact]
    public void SkewedAmount_IsLearntAsALogarithmTooAndAddsUp()
    {
        var (train, _) = Draw(1500, seed: 1, LabelKind.Amount);
        var (test, truth) = Draw(4000, seed: 2, LabelKind.Amount);
        using var model = Fit(train);
        var scores = model.Predict(test.Values);
        Assert.Contains(model.Shares, s => s.Member == "boosted_0_of_log");
        Assert.True(Spearman.Of(scores, test.Labels) > 0.9 * Spearman.Of(truth, test.Labels));
        Assert.Equal(1, scores.Sum() / test.Labels.Sum(l => (double)l), 0.08);
        Assert.All(scores, s => Assert.InRange(s, train.Labels.Min(), train.Labels.Max()));
    }

    [Fact]
    public void StraightTruth_IsTheLinesToTell()
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 900 * 3).Select(_ => (float)Normal(random))];
        float[] labels = [.. Enumerable.Range(0, 900).Select(r => (float)(2 * values[3 * r] - values[3 * r + 1] + 0.5 * Normal(random)))];
        using var model = Fit(new BlendRows { Names = ["a", "b", "c"], Values = values, Labels = labels, Kind = LabelKind.Amount, FoldOf = TableFolds.Deal(labels, LabelKind.Amount, 5, 1) });
        Assert.True(model.Shares.Where(s => s.Member.StartsWith("line", StringComparison.Ordinal)).Sum(s => s.Weight) > 0.6);
        // Far outside the training rows the line holds on, up to the largest label seen.
        Assert.Equal(labels.Max(), model.Predict([8, -8, 0])[0], 1e-4);
    }

    [Fact]
    public void SameRows_GiveTheSameScoresWhateverTheThreads()
    {
        var (train, _) = Draw(400, seed: 1, LabelKind.YesNo);
        using var one = Blend.Fit(train, Small with { SideBySide = 1 }, _ => { }, TestContext.Current.CancellationToken);
        using var four = Blend.Fit(train, Small with { SideBySide = 4 }, _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(one.Predict(train.Values), four.Predict(train.Values));
    }

    [Fact]
    public void HostileRows_GiveProbabilities()
    {
        var (train, _) = Draw(400, seed: 1, LabelKind.YesNo);
        using var model = Fit(train);
        foreach (var value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -1, 1e9f])
            Assert.All(model.Predict([value, value, value, value]), s => Assert.InRange(s, 0, 1));
        Assert.Empty(model.Predict([]));
        Assert.Throws<ArgumentException>(() => model.Predict(new float[3]));
    }

    [Fact]
    public void LatestRows_TellTheLevel()
    {
        var (train, _) = Draw(3000, seed: 1, LabelKind.Amount);
        float[] shifted = [.. train.Labels.Select((l, r) => MathF.Log(l) + (r < 500 ? 1 : 0))];
        using var model = Fit(train with { Labels = shifted, Latest = [.. Enumerable.Range(0, 500)] });
        using var plain = Fit(train with { Labels = shifted });
        Assert.InRange(model.Predict(train.Values).Average() - plain.Predict(train.Values).Average(), 0.7, 0.95);
    }

    [Fact]
    public void RowsThatDoNotFit_AreNamed()
    {
        var (train, _) = Draw(60, seed: 1, LabelKind.YesNo);
        Assert.Contains("both classes", Fault(train with { Labels = new float[60] }), StringComparison.Ordinal);
        Assert.Contains("Fold 3 is empty", Fault(train with { FoldOf = [.. train.FoldOf.Select(f => f == 3 ? 2 : f)] }), StringComparison.Ordinal);
        Assert.Contains("FoldOf has 1", Fault(train with { FoldOf = [0] }), StringComparison.Ordinal);
        Assert.Contains("nothing to learn", Fault(train with { Kind = LabelKind.Amount, Labels = [.. Enumerable.Repeat(2f, 60)] }), StringComparison.Ordinal);

        static string Fault(BlendRows rows) => Assert.Throws<ArgumentException>(() => Fit(rows)).Message;
    }

    [Fact]
    public void SingleColumn_FindsTheTellingOne()
    {
        var random = new Random(4);
        float[] values = [.. Enumerable.Range(0, 500 * 3).Select(i => i % 7 == 0 ? float.NaN : (float)Normal(random))];
        float[] labels = [.. Enumerable.Range(0, 500).Select(r => float.IsNaN(values[3 * r + 1]) ? 5f : MathF.Abs(values[3 * r + 1]))];
        var single = SingleColumn.Best(new BlendRows { Names = ["a", "b", "c"], Values = values, Labels = labels, Kind = LabelKind.Amount, FoldOf = TableFolds.Deal(labels, LabelKind.Amount, 5, 1) });
        Assert.Equal("b", single.Name);
        Assert.InRange(single.Predict([0, float.NaN, 0])[0], 4, 5);
        Assert.True(single.Predict([0, 2.5f, 0])[0] > single.Predict([0, 0.1f, 0])[0] + 1);
    }

    private static BlendedModel Fit(BlendRows rows) => Blend.Fit(rows, Small, _ => { }, TestContext.Current.CancellationToken);

    /// <summary>A slope, a step, a category and noise, some of it missing; truth: log-odds, or a mean that is exponential in it.</summary>
    private static (BlendRows Rows, double[] Truth) Draw(int rows, int seed, LabelKind kind)
    {
        var random = new Random(seed);
        var (values, labels, truth) = (new float[rows * 4], new float[rows], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            float[] x = [(float)Normal(random), (float)random.NextDouble(), random.Next(4), (float)Normal(random)];
            truth[row] = 1.2 * x[0] + (x[1] > 0.6 ? 1.5 : 0) + (x[2] == 2 ? -1.5 : 0);
            if (random.Next(10) == 0) x[3] = float.NaN;
            x.CopyTo(values, row * 4);
            labels[row] = kind == LabelKind.YesNo ? (random.NextDouble() < 1 / (1 + Math.Exp(-truth[row])) ? 1 : 0) : (float)Math.Exp(0.6 * truth[row] + 0.5 * Normal(random));
        }
        return (new BlendRows { Names = ["slope", "step", "kind", "noise"], Values = values, CategoricalColumns = [2], Labels = labels, Kind = kind, FoldOf = TableFolds.Deal(labels, kind, 5, 1) }, truth);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
