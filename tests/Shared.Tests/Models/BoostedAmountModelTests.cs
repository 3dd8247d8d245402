using Media.Features;
using Media.Models;
using Media.Models.LightGbm;

namespace Media.Tests.Models;

public class BoostedAmountModelTests
{
    private static readonly string[] Features = ["slope", "step", "noise"];
    private static readonly BoostedAmountOptions Quick = new() { Fitting = new BoostedOptions { Trees = new BoostedOptions().Trees with { LearningRate = 0.1, FeatureShare = 1, Patience = 20 } } };

    /// <summary>Amounts with a known mean, by every loss that means the mean: the model comes near it.</summary>
    [Theory]
    [InlineData(LightGbmObjective.Regression, AmountScale.AsIs)]
    [InlineData(LightGbmObjective.Regression, AmountScale.Log1p)]
    [InlineData(LightGbmObjective.Poisson, AmountScale.AsIs)]
    [InlineData(LightGbmObjective.Tweedie, AmountScale.AsIs)]
    [InlineData(LightGbmObjective.Gamma, AmountScale.AsIs)]
    public void Mean_IsFoundAndAddsUp(LightGbmObjective objective, AmountScale scale)
    {
        var (x, y, _) = Draw(entities: 1500, seed: 1);
        var (testX, testY, mean) = Draw(entities: 2000, seed: 2);
        var model = BoostedAmountModel.Fit("amount", Features, Quick with { Objective = objective, Scale = scale }, x, y, TestContext.Current.CancellationToken);
        var scores = Predict(model, testX);
        // The means' own spread is what can be explained.
        Assert.True(Explained(scores, mean) > 0.9, $"{Explained(scores, mean):F3} of the means' variance");
        Assert.Equal(1, scores.Sum() / testY.Sum(l => (double)l), 0.06);
    }

    [Fact]
    public void AbsoluteError_FindsTheMedian()
    {
        var (x, y, _) = Draw(entities: 1500, seed: 1);
        var (testX, testY, _) = Draw(entities: 2000, seed: 2);
        var model = BoostedAmountModel.Fit("amount", Features, Quick with { Objective = LightGbmObjective.AbsoluteError, Scale = AmountScale.Log1p }, x, y, TestContext.Current.CancellationToken);
        var scores = Predict(model, testX);
        Assert.InRange(Enumerable.Range(0, scores.Length).Count(r => testY[r] > scores[r]) / (double)scores.Length, 0.46, 0.54);
    }

    [Fact]
    public void Prediction_NeverLeavesTheRangeOfTheLabels()
    {
        var (x, y, _) = Draw(entities: 400, seed: 1);
        foreach (var options in (BoostedAmountOptions[])[Quick, Quick with { Scale = AmountScale.Log1p }, Quick with { Objective = LightGbmObjective.Tweedie }])
        {
            var model = BoostedAmountModel.Fit("amount", Features, options, x, y, TestContext.Current.CancellationToken);
            foreach (var value in (float[])[float.NaN, float.PositiveInfinity, float.MinValue, 1e30f])
                Assert.All(Predict(model, Batch([.. Enumerable.Repeat(value, 3)], entities: 1)), score => Assert.InRange(score, y.Min(), y.Max()));
        }
    }

    [Fact]
    public void Contributions_SumToTheAmount()
    {
        var (x, y, _) = Draw(entities: 500, seed: 1);
        var model = BoostedAmountModel.Fit("amount", Features, Quick, x, y, TestContext.Current.CancellationToken);
        var (contributions, scores) = (model.Contributions(x), Predict(model, x));
        for (var row = 0; row < 200; row++) Assert.Equal(Math.Clamp(contributions.AsSpan(row * 4, 4).ToArray().Sum(), y.Min(), y.Max()), scores[row], 1e-8);
        Assert.Equal(["slope", "step"], model.Importances(x).Take(2).Select(i => i.Feature).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void SavedAndLoaded_ScoresTheSame()
    {
        var (x, y, _) = Draw(entities: 300, seed: 1);
        var model = BoostedAmountModel.Fit("amount", Features, Quick with { Objective = LightGbmObjective.Poisson }, x, y, TestContext.Current.CancellationToken);
        var again = BoostedAmountModel.Fit("amount", Features, Quick with { Objective = LightGbmObjective.Poisson }, x, y, TestContext.Current.CancellationToken);
        Assert.Equal(Bytes(model), Bytes(again));
        var loaded = BoostedAmountModel.Load("amount", Features, new MemoryStream(Bytes(model)));
        Assert.Equal(Predict(model, x), Predict(loaded, x));
        Assert.Throws<InvalidDataException>(() => BoostedAmountModel.Load("other", Features, new MemoryStream(Bytes(model))));
    }

    [Fact]
    public void MistakesOfTheCaller_AreNamed()
    {
        var (x, y, _) = Draw(entities: 30, seed: 1);
        Assert.Contains("labels but x has", Fault(Quick, y[1..]), StringComparison.Ordinal);
        Assert.Contains("row 0 is NaN", Fault(Quick, [float.NaN, .. y[1..]]), StringComparison.Ordinal);
        Assert.Contains("at least 0", Fault(Quick with { Scale = AmountScale.Log1p }, [-1, .. y[1..]]), StringComparison.Ordinal);
        Assert.Contains("above 0", Fault(Quick with { Objective = LightGbmObjective.Gamma }, [0, .. y[1..]]), StringComparison.Ordinal);
        Assert.Contains("nothing to learn", Fault(Quick, new float[y.Length]), StringComparison.Ordinal);
        Assert.Contains("needs Regression", Fault(Quick with { Objective = LightGbmObjective.Binary }, y), StringComparison.Ordinal);
        Assert.Contains("logarithmic scale already", Fault(Quick with { Objective = LightGbmObjective.Poisson, Scale = AmountScale.Log1p }, y), StringComparison.Ordinal);
        Assert.Contains("of 30 users; at least 40", Fault(Quick with { Fitting = new BoostedOptions { Folds = 40 } }, y), StringComparison.Ordinal);

        string Fault(BoostedAmountOptions options, float[] labels) =>
            Assert.ThrowsAny<ArgumentException>(() => BoostedAmountModel.Fit("amount", Features, options, x, labels, TestContext.Current.CancellationToken)).Message;
    }

    [Fact]
    public void Level_IsThatOfTheLatestInstant()
    {
        // The second instant's amounts are half of the first's, which no column tells.
        var (x, y, _) = Draw(entities: 1000, seed: 1);
        for (var row = 0; row < y.Length; row++)
            if (x.AsOfMicros[row] == x.AsOfMicros.Max()) y[row] /= 2;
        var (_, whole, _) = Draw(entities: 1000, seed: 1);
        var model = BoostedAmountModel.Fit("amount", Features, Quick with { Objective = LightGbmObjective.Poisson }, x, y, TestContext.Current.CancellationToken);
        Assert.Equal(0.5, Predict(model, x).Sum() / whole.Sum(l => (double)l), 0.05);
    }

    /// <summary>Two rows per entity; amounts above 0 whose mean is e^(1 + slope + step), spread by a gamma of shape 2.</summary>
    private static (FeatureBatch X, float[] Y, double[] Mean) Draw(int entities, int seed)
    {
        var random = new Random(seed);
        var (values, labels, means) = (new List<float>(), new List<float>(), new List<double>());
        for (var row = 0; row < 2 * entities; row++)
        {
            float[] x = [(float)(2 * random.NextDouble() - 1), (float)random.NextDouble(), (float)random.NextDouble()];
            var mean = Math.Exp(1 + 0.8 * x[0] + (x[1] > 0.5 ? 0.6 : 0));
            values.AddRange(x);
            means.Add(mean);
            labels.Add((float)(mean / 2 * -Math.Log((1 - random.NextDouble()) * (1 - random.NextDouble()))) + 1e-4f);
        }
        return (Batch([.. values], entities), [.. labels], [.. means]);
    }

    private static FeatureBatch Batch(float[] values, int entities)
    {
        var rows = values.Length / Features.Length;
        return new FeatureBatch(Features, [.. Enumerable.Range(0, rows).Select(r => $"user-{r % entities}")],
            [.. Enumerable.Range(0, rows).Select(r => 1_000_000L * (1 + r / entities))], [.. Enumerable.Range(0, rows).Select(r => 999_999L * (1 + r / entities))], values);
    }

    private static double Explained(double[] scores, double[] means)
    {
        var average = means.Average();
        return 1 - scores.Zip(means, (s, m) => (s - m) * (s - m)).Sum() / means.Sum(m => (m - average) * (m - average));
    }

    private static double[] Predict(BoostedAmountModel model, FeatureBatch x)
    {
        var scores = new double[x.Rows];
        model.Predict(x, scores);
        return scores;
    }

    private static byte[] Bytes(BoostedAmountModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }
}
