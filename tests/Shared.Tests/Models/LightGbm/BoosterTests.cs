using Media.Models.LightGbm;

namespace Media.Tests.Models.LightGbm;

public class BoosterTests
{
    private const int Columns = 6;
    private static readonly string[] Names = [.. Enumerable.Range(0, Columns).Select(c => $"c{c}")];

    [Fact]
    public void SameSeed_GivesTheSameText()
    {
        var parameters = new LightGbmParameters { Trees = 30, RowShare = 0.6, FeatureShare = 0.5, Seed = 9 };
        using var first = Train(parameters);
        using var second = Train(parameters);
        using var other = Train(parameters with { Seed = 10 });
        Assert.Equal(first.Text, second.Text);
        Assert.NotEqual(first.Text, other.Text);
    }

    [Fact]
    public void ThreadCount_DoesNotChangeTheTrees()
    {
        using var one = Train(new LightGbmParameters { Trees = 30, RowShare = 0.6 });
        using var two = Train(new LightGbmParameters { Trees = 30, RowShare = 0.6, Threads = 2 });
        var (values, _) = Draw(500, seed: 3);
        Assert.Equal(one.RawScores(values), two.RawScores(values));
    }

    [Fact]
    public void Text_IsTheWholeModel()
    {
        using var booster = Train(new LightGbmParameters { Trees = 20 });
        using var loaded = Booster.FromText(booster.Text);
        var (values, _) = Draw(500, seed: 3);
        Assert.Equal(booster.Predict(values), loaded.Predict(values));
        Assert.Equal((20, Columns), (loaded.Trees, loaded.Columns));
    }

    [Fact]
    public void ValidationThatNoLongerGains_StopsAtTheBestCount()
    {
        var (values, labels) = Draw(400, seed: 1);
        var (heldValues, heldLabels) = Draw(2000, seed: 2);
        var greedy = new LightGbmParameters { Trees = 400, LearningRate = 0.3, Leaves = 31, RowsPerLeaf = 2, Patience = 10 };
        using var stopped = Booster.Train(greedy, Names, new TrainingRows(values, Columns, labels), new TrainingRows(heldValues, Columns, heldLabels), TestContext.Current.CancellationToken);
        using var full = Booster.Train(greedy, Names, new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
        Assert.InRange(stopped.Trees, 1, 399);
        Assert.Equal(400, full.Trees);
        Assert.True(LogLoss(stopped) < LogLoss(full));

        double LogLoss(Booster booster) => booster.Predict(heldValues).Zip(heldLabels, (p, y) => -Math.Log(Math.Max(1e-12, y == 1 ? p : 1 - p))).Average();
    }

    [Fact]
    public void Offsets_AreWhereTheTreesStart()
    {
        var (values, labels) = Draw(2000, seed: 1);
        double[] offsets = [.. Enumerable.Range(0, 2000).Select(r => 2.0 * values[r * Columns])];
        var parameters = new LightGbmParameters { Trees = 40 };
        using var plain = Booster.Train(parameters, Names, new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
        using var onTop = Booster.Train(parameters, Names, new TrainingRows(values, Columns, labels, offsets), default, TestContext.Current.CancellationToken);
        // The truth's slope on column 0 is 2: with it given, the trees leave that column nearly alone.
        Assert.True(onTop.GainImportance()[0] < plain.GainImportance()[0] / 10);
    }

    [Fact]
    public void Contributions_SumToTheRawScore()
    {
        using var booster = Train(new LightGbmParameters { Trees = 25 });
        var (values, _) = Draw(300, seed: 4);
        var contributions = booster.Contributions(values);
        var raw = booster.RawScores(values);
        for (var row = 0; row < 300; row++) Assert.Equal(raw[row], contributions.AsSpan(row * (Columns + 1), Columns + 1).ToArray().Sum(), 1e-9);
    }

    [Fact]
    public void SingleRow_EqualsBulk()
    {
        using var booster = Train(new LightGbmParameters { Trees = 25 });
        using var single = booster.RawSingleRow();
        var (values, _) = Draw(100, seed: 4);
        var raw = booster.RawScores(values);
        for (var row = 0; row < 100; row++) Assert.Equal(raw[row], single.Score(values.AsSpan(row * Columns, Columns)));
    }

    [Fact]
    public void MistakesOfTheCaller_AreNamedAtTheDoor()
    {
        var (values, labels) = Draw(50, seed: 1);
        var cancel = TestContext.Current.CancellationToken;
        Assert.Contains("no rows", Message(() => _ = new TrainingRows([], Columns, []).Rows), StringComparison.Ordinal);
        Assert.Contains("need 300", Message(() => _ = new TrainingRows(values.AsSpan(1), Columns, labels).Rows), StringComparison.Ordinal);
        Assert.Contains("row 49 is NaN", Message(() => _ = new TrainingRows(values, Columns, [.. labels[..^1], float.NaN]).Rows), StringComparison.Ordinal);
        Assert.Contains("offsets", Message(() => _ = new TrainingRows(values, Columns, labels, [1.0]).Rows), StringComparison.Ordinal);
        Assert.Contains("both classes", Message(() => Booster.Train(new(), Names, new TrainingRows(values, Columns, new float[50]), default, cancel)), StringComparison.Ordinal);
        Assert.Contains("0 or 1", Message(() => Booster.Train(new(), Names, new TrainingRows(values, Columns, [.. labels.Select(l => l + 1)]), default, cancel)), StringComparison.Ordinal);
        Assert.Contains("names has 1", Message(() => Booster.Train(new(), ["a"], new TrainingRows(values, Columns, labels), default, cancel)), StringComparison.Ordinal);
        Assert.Contains("3 columns", Message(() => Booster.Train(new(), Names, new TrainingRows(values, Columns, labels), new TrainingRows(values, 3, new float[100]), cancel)), StringComparison.Ordinal);
        Assert.Contains("column 6", Message(() => Booster.Train(new() { CategoricalColumns = [6] }, Names, new TrainingRows(values, Columns, labels), default, cancel)), StringComparison.Ordinal);
        var faults = Message(() => Booster.Train(new() { Leaves = 1, LearningRate = 0, Threads = 0 }, Names, new TrainingRows(values, Columns, labels), default, cancel));
        Assert.All((string[])["Leaves", "LearningRate", "Threads"], name => Assert.Contains(name, faults, StringComparison.Ordinal));
        using var booster = Train(new() { Trees = 1 });
        Assert.Contains("6 columns", Message(() => booster.RawScores(new float[7])), StringComparison.Ordinal);

        static string Message(Action act) => Assert.Throws<ArgumentException>(act).Message;
    }

    [Fact]
    public void OtherText_IsTheNativeError() => Assert.StartsWith("LightGBM: ", Assert.Throws<LightGbmException>(() => Booster.FromText("not a model")).Message, StringComparison.Ordinal);

    [Fact]
    public void Cancelled_StopsBeforeTheNextTree()
    {
        var (values, labels) = Draw(50, seed: 1);
        Assert.Throws<OperationCanceledException>(() => Booster.Train(new(), Names, new TrainingRows(values, Columns, labels), default, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void PlatformWithoutLibrary_IsNamedWithWhatHelps()
    {
        var message = NativeLightGbm.MissingOn("linux-arm64");
        Assert.Contains("linux-arm64", message, StringComparison.Ordinal);
        Assert.Contains("linux-x64", message, StringComparison.Ordinal);
    }

    [Fact]
    public void BoostersSideBySide_EqualOnesAlone()
    {
        using var alone = Train(new LightGbmParameters { Trees = 20, RowShare = 0.5 });
        var texts = new string[4];
        Parallel.For(0, 4, i =>
        {
            using var booster = Train(new LightGbmParameters { Trees = 20, RowShare = 0.5 });
            texts[i] = booster.Text;
        });
        Assert.All(texts, text => Assert.Equal(alone.Text, text));
    }

    [Fact]
    public void SharedBins_GrowWhatRowsOfTheirOwnGrow()
    {
        var (values, labels) = Draw(1500, seed: 1);
        var parameters = new LightGbmParameters { Trees = 40, RowShare = 0.7, Patience = 5 };
        using var binned = BinnedRows.Of(new TrainingRows(values, Columns, labels), Names, parameters);
        var (heldValues, heldLabels) = Draw(500, seed: 2);
        using var held = binned.Like(new TrainingRows(heldValues, Columns, heldLabels));
        using var alone = Booster.Train(parameters, Names, new TrainingRows(values, Columns, labels), new TrainingRows(heldValues, Columns, heldLabels), TestContext.Current.CancellationToken);
        var cancel = TestContext.Current.CancellationToken;
        var texts = new string[4];
        Parallel.For(0, 4, i =>
        {
            using var booster = Booster.Train(parameters, binned, held, cancel);
            texts[i] = booster.Text;
        });
        Assert.All(texts, text => Assert.Equal(alone.Text, text));
    }

    [Fact]
    public void RowsTakenFromSharedBins_LearnFromThoseOnly()
    {
        var (values, labels) = Draw(2000, seed: 1);
        // The second half says the opposite.
        for (var row = 1000; row < 2000; row++) labels[row] = 1 - labels[row];
        var parameters = new LightGbmParameters { Trees = 50 };
        using var binned = BinnedRows.Of(new TrainingRows(values, Columns, labels), Names, parameters);
        using var first = binned.Take([.. Enumerable.Range(0, 1000)]);
        using var second = binned.Take([.. Enumerable.Range(1000, 1000)]);
        using var rising = Booster.Train(parameters, first, null, TestContext.Current.CancellationToken);
        using var falling = Booster.Train(parameters, second, null, TestContext.Current.CancellationToken);
        float[] low = [-0.9f, 0, 0, 0, 0, 0], high = [0.9f, 0, 0, 0, 0, 0];
        Assert.True(rising.RawScores(high)[0] > rising.RawScores(low)[0] + 1);
        Assert.True(falling.RawScores(high)[0] < falling.RawScores(low)[0] - 1);
        Assert.Throws<ArgumentException>(() => binned.Take([5, 5]));
        Assert.Throws<ArgumentException>(() => binned.Take([2000]));
    }

    [Fact]
    public void WeightZero_IsAsIfTheRowWereNotThere()
    {
        var (values, labels) = Draw(2000, seed: 1);
        float[] weights = [.. Enumerable.Range(0, 2000).Select(r => r < 1000 ? 1f : 0f)];
        for (var row = 1000; row < 2000; row++) labels[row] = 1 - labels[row];
        using var booster = Booster.Train(new LightGbmParameters { Trees = 50 }, Names, new TrainingRows(values, Columns, labels, weights: weights), default, TestContext.Current.CancellationToken);
        Assert.True(booster.RawScores([0.9f, 0, 0, 0, 0, 0])[0] > booster.RawScores([-0.9f, 0, 0, 0, 0, 0])[0] + 1);
    }

    [Theory]
    [InlineData(LightGbmObjective.Poisson)]
    [InlineData(LightGbmObjective.Tweedie)]
    [InlineData(LightGbmObjective.Gamma)]
    [InlineData(LightGbmObjective.Regression)]
    public void MeanObjectives_FindTheMeanOfEachHalf(LightGbmObjective objective)
    {
        var random = new Random(5);
        var (values, _) = Draw(4000, seed: 1);
        float[] labels = [.. Enumerable.Range(0, 4000).Select(r => (float)((values[r * Columns] > 0 ? 6 : 2) * -Math.Log(1 - random.NextDouble())) + 0.01f)];
        using var booster = Booster.Train(new LightGbmParameters { Objective = objective, Trees = 60, Leaves = 2, LearningRate = 0.2 }, Names, new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
        Assert.InRange(booster.Predict([0.5f, 0, 0, 0, 0, 0])[0], 5, 7);
        Assert.InRange(booster.Predict([-0.5f, 0, 0, 0, 0, 0])[0], 1.6, 2.4);
    }

    [Fact]
    public void AbsoluteError_FindsTheMedian()
    {
        var random = new Random(5);
        var (values, _) = Draw(4000, seed: 1);
        float[] labels = [.. Enumerable.Range(0, 4000).Select(_ => random.Next(10) == 0 ? 1000f : (float)random.NextDouble())];
        using var booster = Booster.Train(new LightGbmParameters { Objective = LightGbmObjective.AbsoluteError, Trees = 20, Leaves = 2 }, Names, new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
        Assert.InRange(booster.Predict(new float[Columns])[0], 0.4, 0.7);
    }

    [Fact]
    public void LambdaRank_OrdersWithinGroupsWhateverTheirLevel()
    {
        var random = new Random(6);
        var (values, _) = Draw(3000, seed: 1);
        // Each group has a level of its own that no column knows; within it column 0 decides.
        float[] labels = [.. Enumerable.Range(0, 3000).Select(r => values[r * Columns] + 0.5 * random.NextDouble() > 0.4 ? 1f : 0f)];
        using var booster = Booster.Train(new LightGbmParameters { Objective = LightGbmObjective.LambdaRank, Trees = 40 }, Names, new TrainingRows(values, Columns, labels, groups: [.. Enumerable.Repeat(6, 500)]), default, TestContext.Current.CancellationToken);
        Assert.True(booster.Predict([0.9f, 0, 0, 0, 0, 0])[0] > booster.Predict([-0.9f, 0, 0, 0, 0, 0])[0] + 0.5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void MonotoneColumn_NeverTurns(int direction)
    {
        var random = new Random(7);
        var (values, _) = Draw(3000, seed: 1);
        // The truth goes up and down again: without the constraint the score would, too.
        float[] labels = [.. Enumerable.Range(0, 3000).Select(r => (float)(Math.Sin(6 * values[r * Columns]) + 0.3 * random.NextDouble()))];
        var parameters = new LightGbmParameters { Objective = LightGbmObjective.Regression, Trees = 100, RowsPerLeaf = 5 };
        using var free = Booster.Train(parameters, Names, new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
        using var bound = Booster.Train(parameters with { Monotone = [direction, 0, 0, 0, 0, 0] }, Names, new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
        Assert.False(IsMonotone(free));
        Assert.True(IsMonotone(bound));

        bool IsMonotone(Booster booster)
        {
            for (var other = 0; other < 20; other++)
            {
                float[] rest = [.. Enumerable.Range(0, Columns).Select(_ => (float)(2 * random.NextDouble() - 1))];
                var before = double.NegativeInfinity;
                for (var step = -50; step <= 50; step++)
                {
                    rest[0] = step / 50f;
                    var score = direction * booster.RawScores(rest)[0];
                    if (score < before) return false;
                    before = score;
                }
            }
            return true;
        }
    }

    [Fact]
    public void ChosenMetric_StopsByIt()
    {
        var (values, labels) = Draw(400, seed: 1);
        var (heldValues, heldLabels) = Draw(2000, seed: 2);
        var parameters = new LightGbmParameters { Trees = 400, LearningRate = 0.3, Leaves = 31, RowsPerLeaf = 2, Patience = 10 };
        using var byLoss = Stop(LightGbmMetric.OfObjective);
        using var byArea = Stop(LightGbmMetric.AreaUnderCurve);
        // Overconfidence costs log loss long before it costs the order.
        Assert.True(byArea.Trees > byLoss.Trees, $"{byArea.Trees} trees by area, {byLoss.Trees} by log loss");
        Assert.True(Area(byArea) >= Area(byLoss));

        Booster Stop(LightGbmMetric metric) => Booster.Train(parameters with { Metric = metric }, Names, new TrainingRows(values, Columns, labels), new TrainingRows(heldValues, Columns, heldLabels), TestContext.Current.CancellationToken);
        double Area(Booster booster) => booster.Metric(parameters with { Metric = LightGbmMetric.AreaUnderCurve }, Names, new TrainingRows(heldValues, Columns, heldLabels));
    }

    [Fact]
    public void Metric_IsTheMeanLossOfThePredictions()
    {
        using var booster = Train(new LightGbmParameters { Trees = 20 });
        var (values, labels) = Draw(500, seed: 9);
        var expected = booster.Predict(values).Zip(labels, (p, y) => -Math.Log(y == 1 ? p : 1 - p)).Average();
        Assert.Equal(expected, booster.Metric(new LightGbmParameters(), Names, new TrainingRows(values, Columns, labels)), 1e-9);
    }

    [Fact]
    public void ColumnThatIsNaNThroughout_IsLeftAlone()
    {
        var (values, labels) = Draw(1000, seed: 1);
        for (var row = 0; row < 1000; row++) values[row * Columns + 3] = float.NaN;
        using var booster = Booster.Train(new LightGbmParameters { Trees = 20 }, Names, new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
        Assert.Equal(0, booster.GainImportance()[3]);
        Assert.True(booster.GainImportance()[0] > 0);
    }

    [Fact]
    public void LabelsOfAnotherKind_AreRefused()
    {
        var (values, labels) = Draw(50, seed: 1);
        Assert.Contains("at least 0", Fault(LightGbmObjective.Poisson, [.. labels.Select(l => l - 1)]), StringComparison.Ordinal);
        Assert.Contains("All 50 labels are 0", Fault(LightGbmObjective.Tweedie, new float[50]), StringComparison.Ordinal);
        Assert.Contains("above 0", Fault(LightGbmObjective.Gamma, labels), StringComparison.Ordinal);
        Assert.Contains("groups", Fault(LightGbmObjective.LambdaRank, labels), StringComparison.Ordinal);
        Assert.Contains("hold 49 rows but there are 50", Fault(LightGbmObjective.LambdaRank, labels, groups: [49]), StringComparison.Ordinal);
        Assert.Contains("whole number from 0 to 30", Fault(LightGbmObjective.LambdaRank, [.. labels.Select(l => l + 0.5f)], groups: [50]), StringComparison.Ordinal);
        Assert.Contains("weights has 1", Fault(LightGbmObjective.Binary, labels, weights: [1]), StringComparison.Ordinal);
        Assert.Contains("weight of row 49 is -1", Fault(LightGbmObjective.Binary, labels, weights: [.. Enumerable.Repeat(1f, 49), -1]), StringComparison.Ordinal);
        Assert.Contains("Monotone has 2 entries", Message(new LightGbmParameters { Monotone = [1, 0] }), StringComparison.Ordinal);
        Assert.Contains("no order", Message(new LightGbmParameters { Monotone = [1, 0, 0, 0, 0, 0], CategoricalColumns = [0] }), StringComparison.Ordinal);
        Assert.Contains("must differ", Message(new LightGbmParameters { Forest = true }), StringComparison.Ordinal);

        string Message(LightGbmParameters parameters) =>
            Assert.Throws<ArgumentException>(() => Booster.Train(parameters, Names, new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken)).Message;
        string Fault(LightGbmObjective objective, float[] y, float[]? weights = null, int[]? groups = null) => Assert.Throws<ArgumentException>(() =>
            Booster.Train(new LightGbmParameters { Objective = objective }, Names, new TrainingRows(values, Columns, y, default, weights, groups), default, TestContext.Current.CancellationToken)).Message;
    }

    private static Booster Train(LightGbmParameters parameters)
    {
        var (values, labels) = Draw(1000, seed: 1);
        return Booster.Train(parameters, Names, new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
    }

    private static (float[] Values, float[] Labels) Draw(int rows, int seed)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, rows * Columns).Select(_ => (float)(2 * random.NextDouble() - 1))];
        return (values, [.. Enumerable.Range(0, rows).Select(r => random.NextDouble() < 1 / (1 + Math.Exp(-2 * values[r * Columns])) ? 1f : 0f)]);
    }
}
