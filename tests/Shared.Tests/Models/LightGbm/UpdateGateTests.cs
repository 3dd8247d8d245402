using Media.Models.LightGbm;

namespace Media.Tests.Models.LightGbm;

public class UpdateGateTests
{
    private const int Columns = 4;
    private static readonly string[] Names = ["a", "b", "c", "d"];
    private static readonly LightGbmParameters Parameters = new() { Trees = 60, LearningRate = 0.1 };

    [Fact]
    public void MoreRowsOfTheSameTruth_AreTaken()
    {
        using var old = Grow(Draw(300, seed: 1, slope: 2));
        var update = Update(old, fresh: Draw(8000, seed: 2, slope: 2), held: Draw(8000, seed: 3, slope: 2));
        using var booster = update.Booster;
        Assert.NotEqual(BoosterUpdate.Kept, update.Taken);
        Assert.True(Math.Min(update.Continued, update.Refitted) < update.Before);
        Assert.Equal(Math.Min(update.Continued, update.Refitted), booster.Metric(Parameters, Names, Rows(Draw(8000, seed: 3, slope: 2))), 1e-9);
    }

    [Fact]
    public void RowsThatMislead_AreNotTaken()
    {
        using var old = Grow(Draw(5000, seed: 1, slope: 2));
        var update = Update(old, fresh: Draw(500, seed: 2, slope: -2), held: Draw(5000, seed: 3, slope: 2));
        Assert.Equal(BoosterUpdate.Kept, update.Taken);
        Assert.Same(old, update.Booster);
        Assert.True(update.Before < update.Continued && update.Before < update.Refitted);
    }

    [Fact]
    public void TruthThatTurned_IsFollowed()
    {
        using var old = Grow(Draw(5000, seed: 1, slope: 2));
        var update = Update(old, fresh: Draw(5000, seed: 2, slope: -2), held: Draw(5000, seed: 3, slope: -2), decay: 0.1);
        using var booster = update.Booster;
        Assert.NotEqual(BoosterUpdate.Kept, update.Taken);
        Assert.True(Math.Min(update.Continued, update.Refitted) < update.Before - 0.2);
    }

    [Fact]
    public void ContinuedBooster_KeepsTheOldTreesInFront()
    {
        using var old = Grow(Draw(2000, seed: 1, slope: 2));
        using var longer = old.ContinueOn(Parameters with { Trees = 7 }, Names, Rows(Draw(2000, seed: 2, slope: 2)), default, TestContext.Current.CancellationToken);
        Assert.Equal(67, longer.Trees);
        var (values, labels) = Draw(500, seed: 4, slope: 2);
        using var stopped = old.ContinueOn(Parameters with { Trees = 300, LearningRate = 0.5, Patience = 5 }, Names, Rows(Draw(300, seed: 2, slope: 2)), new TrainingRows(values, Columns, labels), TestContext.Current.CancellationToken);
        Assert.InRange(stopped.Trees, 61, 359);
        Assert.StartsWith("tree", longer.Text, StringComparison.Ordinal);
        // The old trees' own part of the score is as before: the longer booster differs by what the seven add, which is little.
        var (before, after) = (old.RawScores(values), longer.RawScores(values));
        Assert.True(before.Zip(after, (b, a) => Math.Abs(a - b)).Average() < 0.3);
    }

    [Fact]
    public void RefittedBooster_KeepsTheSplits()
    {
        using var old = Grow(Draw(2000, seed: 1, slope: 2));
        using var refitted = old.RefitOn(Parameters, Names, Rows(Draw(2000, seed: 2, slope: 2)), decay: 0.5);
        Assert.Equal(Thresholds(old), Thresholds(refitted));
        Assert.NotEqual(old.RawScores(new float[Columns]), refitted.RawScores(new float[Columns]));
        using var same = old.RefitOn(Parameters, Names, Rows(Draw(2000, seed: 2, slope: 2)), decay: 1);
        var (values, _) = Draw(100, seed: 5, slope: 2);
        Assert.Equal(old.RawScores(values), same.RawScores(values));

        static string[] Thresholds(Booster booster) => [.. booster.Text.Split('\n').Where(l => l.StartsWith("threshold=", StringComparison.Ordinal))];
    }

    [Fact]
    public void MistakesOfTheCaller_AreNamed()
    {
        using var old = Grow(Draw(500, seed: 1, slope: 2));
        Assert.Contains("decay is 2", Assert.Throws<ArgumentException>(() => Update(old, Draw(50, 1, 2), Draw(50, 2, 2), decay: 2)).Message, StringComparison.Ordinal);
        Assert.Contains("2 columns but the booster 4", Assert.Throws<ArgumentException>(() => old.Metric(Parameters, Names, new TrainingRows(new float[4], 2, [0, 1]))).Message, StringComparison.Ordinal);
    }

    private static GatedUpdate Update(Booster booster, (float[] Values, float[] Labels) fresh, (float[] Values, float[] Labels) held, double decay = 0.9) =>
        UpdateGate.Update(booster, Parameters, Names, Rows(fresh), Rows(held), decay, TestContext.Current.CancellationToken);

    private static Booster Grow((float[] Values, float[] Labels) rows) => Booster.Train(Parameters, Names, Rows(rows), default, TestContext.Current.CancellationToken);

    private static TrainingRows Rows((float[] Values, float[] Labels) rows) => new(rows.Values, Columns, rows.Labels);

    private static (float[] Values, float[] Labels) Draw(int rows, int seed, double slope)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, rows * Columns).Select(_ => (float)(2 * random.NextDouble() - 1))];
        return (values, [.. Enumerable.Range(0, rows).Select(r => random.NextDouble() < 1 / (1 + Math.Exp(-slope * values[r * Columns])) ? 1f : 0f)]);
    }
}
