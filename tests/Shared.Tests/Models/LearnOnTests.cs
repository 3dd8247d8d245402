using Media.Models;
using Media.Models.LightGbm;

namespace Media.Tests.Models;

public class LearnOnTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly BoostedOptions Few = new() { Folds = 3, Trees = new BoostedOptions().Trees with { Trees = 60, LearningRate = 0.1, RowsPerLeaf = 20 } };
    private static readonly ChurnEstimator Churn = new() { Fitting = Few };
    private static readonly EngagementEstimator Engagement = new() { Fitting = new BoostedAmountOptions { Fitting = Few } };
    private static readonly AdRevenueEstimator Revenue = new() { Any = Few, Amount = new BoostedAmountOptions { Objective = LightGbmObjective.Gamma, Fitting = Few } };

    public static TheoryData<string> Kinds => ["churn", "engagement", "ad_revenue"];

    [Theory, MemberData(nameof(Kinds))]
    public void MuchMoreOfTheSameTruth_IsTakenAndHelps(string name)
    {
        var (estimator, old) = Old(name, users: 60);
        var (fresh, test) = (Draw(estimator, users: 1_500, seed: 2), Draw(estimator, users: 3_000, seed: 3));

        var update = old.LearnOn(estimator.Parts, fresh.X, fresh.Y, new LearnOnOptions { TreeShare = 1 }, Cancel);

        Assert.True(update.Taken);
        Assert.NotSame(old, update.Model);
        Assert.All(update.Parts, p => Assert.True(p.After <= p.Before && p.Continued + p.Refitted <= p.Folds));
        Assert.True(Error(update.Model, test) < Error(old, test), $"{Error(old, test)} → {Error(update.Model, test)}");
        Assert.Contains("took further trees", update.Sentence, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void UpdatedModel_SavesAndLoads_AndTheOldOneStaysAsItWas(string name)
    {
        var (estimator, old) = Old(name, users: 60);
        var (fresh, before) = (Draw(estimator, users: 500, seed: 2), Bytes(old));

        var update = old.LearnOn(estimator.Parts, fresh.X, fresh.Y, new LearnOnOptions(), Cancel);

        Assert.Equal(before, Bytes(old));
        Assert.Equal(Scores(update.Model, fresh), Scores(estimator.Load(new MemoryStream(Bytes(update.Model))), fresh));
        Assert.Equal(Bytes(update.Model), Bytes(old.LearnOn(estimator.Parts, fresh.X, fresh.Y, new LearnOnOptions(), Cancel).Model));
    }

    [Fact]
    public void UpdateThatHelpsNoFold_LeavesTheModelAsItWas()
    {
        var (_, old) = Old("churn", users: 2_000);
        // Trees that learn a few rows by heart, and leaves that keep their old values.
        var rash = Churn with { Fitting = Few with { Trees = Few.Trees with { LearningRate = 1, Leaves = 63, RowsPerLeaf = 1, L2 = 0, RowShare = 1, FeatureShare = 1 } } };
        var fresh = Draw(Churn, users: 90, seed: 2);

        var update = old.LearnOn(rash.Parts, fresh.X, fresh.Y, new LearnOnOptions { TreeShare = 1, Decay = 1 }, Cancel);

        Assert.False(update.Taken);
        Assert.Same(old, update.Model);
        var part = Assert.Single(update.Parts);
        Assert.Equal((0, 0, part.Before), (part.Continued, part.Refitted, part.After));
        Assert.Contains("neither further trees nor new leaf values do better", update.Sentence, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void RowsThatTeachNothing_AreRefused(string name)
    {
        var (estimator, old) = Old(name, users: 60);
        var fresh = Draw(estimator, users: 40, seed: 2);

        Assert.Throws<TooFewRowsException>(() => old.LearnOn(estimator.Parts, fresh.X, [.. fresh.Y.Select(_ => 1f)], new LearnOnOptions(), Cancel));
        Assert.Throws<TooFewRowsException>(() => old.LearnOn(estimator.Parts, fresh.X.Take([0, 1]), [0, 1], new LearnOnOptions(), Cancel));
        Assert.Throws<ArgumentException>(() => old.LearnOn(estimator.Parts, fresh.X, fresh.Y[1..], new LearnOnOptions(), Cancel));
        Assert.Throws<ArgumentException>(() => old.LearnOn(estimator.Parts, fresh.X, fresh.Y, new LearnOnOptions { TreeShare = 0 }, Cancel));
    }

    private static (IBoosted Estimator, ILearnsOn Model) Old(string name, int users)
    {
        IBoosted estimator = name switch { "churn" => Churn, "engagement" => Engagement, _ => Revenue };
        var rows = Draw(estimator, users, seed: 1);
        return (estimator, Assert.IsType<ILearnsOn>(estimator.Fit(rows.X, rows.Y, Cancel), exactMatch: false));
    }

    private static PlantedRows Draw(IBoosted estimator, int users, int seed) => PlantedRows.Draw(users, instants: 1, seed, kind: estimator.Kind, names: estimator.Features);

    private static double[] Scores(IModel model, PlantedRows rows)
    {
        var scores = new double[rows.X.Rows];
        model.Predict(rows.X, scores);
        return scores;
    }

    private static double Error(IModel model, PlantedRows rows) => Scores(model, rows).Zip(rows.Truth, (s, t) => (s - (rows.Y.All(y => y is 0 or 1) ? 1 / (1 + Math.Exp(-t)) : t)) is var e ? e * e : 0).Average();

    private static byte[] Bytes(IModel model)
    {
        using var bytes = new MemoryStream();
        model.Save(bytes);
        return bytes.ToArray();
    }
}
