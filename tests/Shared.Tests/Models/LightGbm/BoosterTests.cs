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
