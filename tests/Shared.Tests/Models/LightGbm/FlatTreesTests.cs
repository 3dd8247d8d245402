using System.Globalization;
using System.Text.RegularExpressions;
using Media.Models.LightGbm;

namespace Media.Tests.Models.LightGbm;

public partial class FlatTreesTests
{
    private const int Columns = 12;
    private const int TestRows = 60_000;

    /// <summary>Trained without and with missing values, with category columns, and with few and many trees (odd counts leave a rest beside the groups of eight).</summary>
    [Theory]
    [InlineData(false, false, 37)]
    [InlineData(true, false, 200)]
    [InlineData(true, true, 101)]
    [InlineData(false, true, 3)]
    public void AnyRow_ScoresBitEqualToLightGbm(bool missing, bool categories, int trees)
    {
        using var booster = Train(missing, categories, trees);
        AssertBitEqual(booster, FlatTrees.Parse(booster.Text), HostileRows(new Random(7), TestRows));
    }

    [Fact]
    public void ZeroTakenForMissing_ScoresBitEqualToLightGbm()
    {
        using var trained = Train(missing: true, categories: false, trees: 50);
        // Missing type NaN (8, with default left 10) becomes zero (4, 6); the width is kept since the header counts characters.
        var text = DecisionTypes().Replace(trained.Text, m => m.Value.Replace("10", "06", StringComparison.Ordinal).Replace('8', '4'));
        using var booster = Booster.FromText(text);
        AssertBitEqual(booster, FlatTrees.Parse(text), HostileRows(new Random(8), TestRows));
    }

    [Fact]
    public void Regression_PredictsTheRawValue()
    {
        var random = new Random(3);
        var values = HostileRows(random, 2000);
        var labels = Enumerable.Range(0, 2000).Select(r => float.IsFinite(values[r * Columns]) ? values[r * Columns] : 0).ToArray();
        using var booster = Booster.Train(new LightGbmParameters { Objective = LightGbmObjective.Regression, Trees = 20 }, Names(), new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
        var flat = FlatTrees.Parse(booster.Text);
        Assert.Equal(booster.Predict(values), Scores(flat, values));
    }

    /// <summary>Each kind of amount and the ranking, over numbers and category sets: raw scores and predictions alike.</summary>
    [Theory]
    [InlineData(LightGbmObjective.Regression)]
    [InlineData(LightGbmObjective.AbsoluteError)]
    [InlineData(LightGbmObjective.Huber)]
    [InlineData(LightGbmObjective.Poisson)]
    [InlineData(LightGbmObjective.Tweedie)]
    [InlineData(LightGbmObjective.Gamma)]
    [InlineData(LightGbmObjective.LambdaRank)]
    public void EveryObjective_ScoresBitEqualToLightGbm(LightGbmObjective objective)
    {
        const int rows = 3000;
        var values = HostileRows(new Random(1), rows);
        float[] labels = [.. Enumerable.Range(0, rows).Select(r => MathF.Floor(Math.Clamp(float.IsFinite(values[r * Columns]) ? values[r * Columns] : 1, -2, 2) + 2 + (values[r * Columns + 10] is >= 0 and < 40 ? (int)values[r * Columns + 10] % 3 : 0)) + (objective == LightGbmObjective.Gamma ? 1 : 0))];
        var parameters = new LightGbmParameters { Objective = objective, Trees = 60, Leaves = 15, RowsPerLeaf = 5, LearningRate = 0.1, CategoricalColumns = [10, 11] };
        int[] groups = objective == LightGbmObjective.LambdaRank ? [.. Enumerable.Repeat(10, rows / 10)] : [];
        using var booster = Booster.Train(parameters, Names(), new TrainingRows(values, Columns, labels, groups: groups), default, TestContext.Current.CancellationToken);
        Assert.True(booster.Trees > 30);
        AssertBitEqual(booster, FlatTrees.Parse(booster.Text), HostileRows(new Random(7), 20_000));
    }

    [Fact]
    public void CategoryNotSeenInTraining_IsTakenForAMissingOne()
    {
        using var booster = Train(missing: true, categories: true, trees: 40);
        var flat = FlatTrees.Parse(booster.Text);
        var row = new float[Columns];
        row[10] = float.NaN;
        var missing = flat.Predict(row);
        // Codes 0 – 39 were seen.
        foreach (var unseen in (float[])[40, 63, 64, 1000, 1e9f, -1, float.PositiveInfinity])
        {
            row[10] = unseen;
            Assert.Equal(missing, flat.Predict(row));
            Assert.Equal(missing, booster.Predict(row)[0]);
        }
        row[10] = 1;
        Assert.NotEqual(missing, flat.Predict(row));
    }

    [Fact]
    public void Forest_IsRefusedByName()
    {
        var (values, labels) = (HostileRows(new Random(1), 500), new float[500]);
        labels.AsSpan(0, 250).Fill(1);
        using var forest = Booster.Train(new LightGbmParameters { Forest = true, RowShare = 0.6, Trees = 5, RowsPerLeaf = 5 }, Names(), new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
        Assert.Contains("averages", Assert.Throws<InvalidDataException>(() => FlatTrees.Parse(forest.Text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ThresholdPrintedAsInfinity_Walks()
    {
        using var booster = Train(missing: false, categories: false, trees: 5);
        var text = FirstThreshold().Replace(booster.Text, "threshold=inf", 1);
        var flat = FlatTrees.Parse(text);
        Assert.True(double.IsFinite(flat.RawScore(new float[Columns])));
    }

    [Fact]
    public void SingleRow_AllocatesNothing()
    {
        using var booster = Train(missing: true, categories: true, trees: 30);
        var flat = FlatTrees.Parse(booster.Text);
        var row = new float[Columns];
        flat.Predict(row);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) flat.Predict(row);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void OtherWidth_IsRefused()
    {
        using var booster = Train(missing: false, categories: false, trees: 3);
        var flat = FlatTrees.Parse(booster.Text);
        Assert.Contains("12 columns", Assert.Throws<ArgumentException>(() => flat.RawScore(new float[3])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => flat.RawScores(new float[30], new double[2]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tree\nversion=v4\n")]
    [InlineData("not a model\nend of trees\n")]
    public void OtherText_IsRefused(string text) => Assert.Throws<InvalidDataException>(() => FlatTrees.Parse(text));

    /// <summary>Whatever line is damaged, the reader answers with its one exception or with finite scores, never with another error or a walk without end.</summary>
    [Fact]
    public void DamagedText_IsRefusedOrStillWalks()
    {
        using var booster = Train(missing: true, categories: true, trees: 6);
        var text = booster.Text[..booster.Text.IndexOf("end of trees", StringComparison.Ordinal)] + "end of trees\n";
        var random = new Random(11);
        var row = new float[Columns];
        for (var i = 0; i < 800; i++)
        {
            var damaged = text.ToCharArray();
            damaged[random.Next(damaged.Length)] = "0123456789 -=.\nxe"[random.Next(17)];
            try
            {
                Assert.False(double.IsNaN(FlatTrees.Parse(new string(damaged)).RawScore(row)));
            }
            catch (InvalidDataException e)
            {
                Assert.NotEmpty(e.Message);
            }
            catch (ArgumentException e)
            {
                // A feature name more or less is another width.
                Assert.Contains("columns", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void ParallelScoring_EqualsSerial()
    {
        using var booster = Train(missing: true, categories: false, trees: 64);
        var flat = FlatTrees.Parse(booster.Text);
        var values = HostileRows(new Random(5), 4000);
        var serial = Scores(flat, values);
        var parallel = new double[4000];
        Parallel.For(0, 4000, row => parallel[row] = flat.RawScore(values.AsSpan(row * Columns, Columns)));
        Assert.Equal(serial, parallel);
    }

    private static void AssertBitEqual(Booster booster, FlatTrees flat, float[] values)
    {
        var rows = values.Length / Columns;
        var raw = booster.RawScores(values);
        var probability = booster.Predict(values);
        var bulk = Scores(flat, values);
        var bulkProbability = new double[rows];
        flat.Predict(values, bulkProbability);
        for (var row = 0; row < rows; row++)
        {
            var x = values.AsSpan(row * Columns, Columns);
            var expected = BitConverter.DoubleToInt64Bits(raw[row]);
            if (expected != BitConverter.DoubleToInt64Bits(flat.RawScore(x)) || expected != BitConverter.DoubleToInt64Bits(bulk[row]))
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"Row {row} [{string.Join(", ", x.ToArray())}]: LightGBM {raw[row]:R}, single {flat.RawScore(x):R}, bulk {bulk[row]:R}."));
            Assert.Equal(probability[row], flat.Predict(x));
            Assert.Equal(probability[row], bulkProbability[row]);
        }
    }

    private static double[] Scores(FlatTrees flat, float[] values)
    {
        var scores = new double[values.Length / Columns];
        flat.RawScores(values, scores);
        return scores;
    }

    private static Booster Train(bool missing, bool categories, int trees)
    {
        var random = new Random(1);
        const int rows = 3000;
        var values = HostileRows(random, rows);
        var labels = new float[rows];
        for (var row = 0; row < rows; row++)
        {
            var x = values.AsSpan(row * Columns, Columns);
            if (!missing)
                foreach (ref var value in x)
                    if (!float.IsFinite(value)) value = 0;
            var logit = Math.Clamp(float.IsFinite(x[0]) ? x[0] : 1, -2, 2) + ((int)Math.Clamp(float.IsNaN(x[10]) ? 0 : x[10], -1, 50) % 3 - 1);
            labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-logit)) ? 1 : 0;
        }
        var parameters = new LightGbmParameters { Trees = trees, Leaves = 31, RowsPerLeaf = 5, LearningRate = 0.1, CategoricalColumns = categories ? [10, 11] : [] };
        return Booster.Train(parameters, Names(), new TrainingRows(values, Columns, labels), default, TestContext.Current.CancellationToken);
    }

    private static string[] Names() => [.. Enumerable.Range(0, Columns).Select(c => $"c{c}")];

    /// <summary>Gaussians, small counts, category codes, and every odd float: NaN, ±0, ±∞, subnormals, the edge of LightGBM's zero, the largest.</summary>
    private static float[] HostileRows(Random random, int rows)
    {
        float[] odd = [float.NaN, 0f, -0f, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, -float.Epsilon, 1e-35f, -1e-35f, MathF.BitIncrement(1e-35f), MathF.BitDecrement(-1e-35f), float.MaxValue, float.MinValue, -0.5f, 3e9f];
        var values = new float[rows * Columns];
        for (var i = 0; i < values.Length; i++)
        {
            var column = i % Columns;
            values[i] = random.Next(8) == 0 ? odd[random.Next(odd.Length)]
                : column >= 10 ? random.Next(40)
                : column >= 6 ? random.Next(5)
                : (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return values;
    }

    [GeneratedRegex(@"(?m)^decision_type=.*$")]
    private static partial Regex DecisionTypes();

    [GeneratedRegex(@"threshold=\S+")]
    private static partial Regex FirstThreshold();
}
