using System.Collections.Concurrent;
using Media.Features;
using Media.Models;

namespace Media.Tests.Models;

/// <summary>What every model keeps to, whoever wrote it: the catalogue's and the baselines, found by reflection.</summary>
public class ModelContractTests
{
    private static readonly PlantedRows Training = PlantedRows.Draw(users: 800, instants: 2, seed: 1);
    private static readonly PlantedRows Test = PlantedRows.Draw(users: 3000, instants: 1, seed: 2);
    private static readonly ConcurrentDictionary<string, Lazy<IModel>> Fitted = new(StringComparer.Ordinal);

    public static TheoryData<string> Everyone => [.. Estimators().Keys];
    public static TheoryData<string> Labelled => [.. Estimators().Where(e => NeedsLabels(e.Value)).Select(e => e.Key)];

    /// <summary>Those that read features and learn a yes or no.</summary>
    public static TheoryData<string> Learners => [.. Estimators().Where(e => NeedsLabels(e.Value) && e.Value.Features.Count > 0).Select(e => e.Key)];

    [Theory, MemberData(nameof(Learners))]
    public void PlantedSignal_IsLearnt(string name)
    {
        var best = PlantedRows.Auc(Test.Truth, Test.Y) - 0.5;
        var got = PlantedRows.Auc(Predict(FittedModel(name), Test.X), Test.Y) - 0.5;
        // One column of two; a net pays for 57 columns of noise.
        var share = Estimators()[name] switch { SingleFeatureEstimator => 0.4, SmallNetEstimator => 0.75, _ => 0.85 };
        Assert.True(got >= share * best, $"AUC {0.5 + got:F4}; the truth has {0.5 + best:F4}.");
    }

    [Theory, MemberData(nameof(Learners))]
    public void PlantedSignal_BeatsTheBaseRate(string name)
    {
        var (model, trivial) = (LogLoss(Predict(FittedModel(name), Test.X)), LogLoss(Predict(FittedModel("trivial"), Test.X)));
        Assert.True(model < trivial, $"Log loss {model:F4}; the base rate has {trivial:F4}.");
    }

    [Theory, MemberData(nameof(Everyone))]
    public void SameRowsAndSeed_GiveTheSameBytes(string name) => Assert.Equal(Bytes(FittedModel(name)), Bytes(Fit(name, Training.X, Training.Y)));

    [Theory, MemberData(nameof(Everyone))]
    public void SavedAndLoaded_ScoresTheSame(string name)
    {
        var model = FittedModel(name);
        var loaded = Estimators()[name].Load(new MemoryStream(Bytes(model)));
        Assert.Equal(Predict(model, Test.X), Predict(loaded, Test.X));
        Assert.Equal(model.Features, loaded.Features);
        Assert.Equal(Bytes(model), Bytes(loaded));
    }

    [Theory, MemberData(nameof(Everyone))]
    public void ColumnOrder_DoesNotMatter(string name)
    {
        string[] reversed = [.. Training.X.Names.Reverse()];
        Assert.Equal(Predict(FittedModel(name), Test.X), Predict(FittedModel(name), Test.X.Select(reversed)));
        Assert.Equal(Bytes(FittedModel(name)), Bytes(Fit(name, Training.X.Select(reversed), Training.Y)));
    }

    [Theory, MemberData(nameof(Everyone))]
    public void MissingAndInfiniteValues_GiveFiniteScores(string name)
    {
        foreach (var value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue])
        {
            var x = Like(Test.X, _ => value);
            Assert.All(Predict(FittedModel(name), x), score => Assert.True(double.IsFinite(score)));
        }
    }

    [Theory, MemberData(nameof(Labelled))]
    public void Scores_AreProbabilities(string name) => Assert.All(Predict(FittedModel(name), Test.X), score => Assert.InRange(score, 0, 1));

    [Theory, MemberData(nameof(Everyone))]
    public void Inputs_StayUntouched(string name)
    {
        var (values, labels) = ((float[])Training.X.Values.Clone(), (float[])Training.Y.Clone());
        Predict(Fit(name, Training.X, Training.Y), Training.X);
        Assert.Equal(values, Training.X.Values);
        Assert.Equal(labels, Training.Y);
    }

    [Theory, MemberData(nameof(Everyone))]
    public void ParallelPrediction_EqualsSerial(string name)
    {
        var model = FittedModel(name);
        var serial = Predict(model, Test.X);
        var parallel = new double[serial.Length];
        Parallel.For(0, Test.X.Rows, row =>
            Predict(model, Test.X.Take([row])).CopyTo(parallel.AsSpan(row * model.Outputs)));
        Assert.Equal(serial, parallel);
    }

    [Theory, MemberData(nameof(Everyone))]
    public void NoRows_AreRefusedInTrainingAndFineInPrediction(string name)
    {
        Assert.Throws<ArgumentException>(() => Fit(name, Training.X.Take([]), []));
        Assert.Empty(Predict(FittedModel(name), Test.X.Take([])));
    }

    [Theory, MemberData(nameof(Labelled))]
    public void BadLabels_AreRefused(string name)
    {
        Assert.Contains("both classes", Assert.Throws<ArgumentException>(() => Fit(name, Training.X, new float[Training.X.Rows])).Message, StringComparison.Ordinal);
        Assert.Contains("labels but x has", Assert.Throws<ArgumentException>(() => Fit(name, Training.X, Training.Y[1..])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Fit(name, Training.X, [.. Training.Y.Select(_ => float.NaN)]));
        Assert.Throws<ArgumentException>(() => Fit(name, Training.X, [.. Training.Y.Select(l => l * 2)]));
    }

    [Theory, MemberData(nameof(Everyone))]
    public void MissingFeature_IsNamed(string name)
    {
        var estimator = Estimators()[name];
        if (estimator.Features.Count == 0) return;
        var without = Test.X.Select([.. Test.X.Names.Where(n => n != estimator.Features[0])]);
        Assert.Contains(estimator.Features[0], Assert.Throws<ArgumentException>(() => Predict(FittedModel(name), without)).Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Everyone))]
    public void WrongScoresLength_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => FittedModel(name).Predict(Test.X, new double[Test.X.Rows * FittedModel(name).Outputs - 1]));

    [Theory, MemberData(nameof(Everyone))]
    public void DamagedBytes_AreRefused(string name)
    {
        var estimator = Estimators()[name];
        var bytes = Bytes(FittedModel(name));
        Assert.Throws<InvalidDataException>(() => estimator.Load(new MemoryStream()));
        Assert.Throws<InvalidDataException>(() => estimator.Load(new MemoryStream("garbage"u8.ToArray())));
        Assert.Throws<InvalidDataException>(() => estimator.Load(new MemoryStream(bytes[..^1])));
        Assert.Throws<InvalidDataException>(() => estimator.Load(new MemoryStream([.. bytes, 0])));
        var random = new Random(4);
        for (var i = 0; i < 60; i++)
        {
            var flipped = (byte[])bytes.Clone();
            // The first half of the flips in the header, where the meaning is, the others anywhere.
            flipped[random.Next(i < 30 ? Math.Min(200, bytes.Length) : bytes.Length)] ^= (byte)(1 << random.Next(8));
            Assert.Throws<InvalidDataException>(() => estimator.Load(new MemoryStream(flipped)));
        }
    }

    [Theory, MemberData(nameof(Everyone))]
    public void AnotherModelsBytes_AreRefused(string name)
    {
        var other = name == "trivial" ? "logistic" : "trivial";
        Assert.Throws<InvalidDataException>(() => Estimators()[name].Load(new MemoryStream(Bytes(FittedModel(other)))));
    }

    [Theory, MemberData(nameof(Everyone))]
    public void Cancelled_Stops(string name)
    {
        if (Estimators()[name] is TrivialEstimator) return;
        Assert.ThrowsAny<OperationCanceledException>(() => Estimators()[name].Fit(Training.X, NeedsLabels(Estimators()[name]) ? Training.Y : [], new CancellationToken(canceled: true)));
    }

    private static SortedDictionary<string, IEstimator> Estimators() =>
        new(ModelCatalog.All.Values.Concat(ModelCatalog.Baselines).ToDictionary(e => e.Name), StringComparer.Ordinal);

    private static bool NeedsLabels(IEstimator estimator) => estimator is IBaseline or ILabelledEstimator;

    private static IModel FittedModel(string name) => Fitted.GetOrAdd(name, n => new Lazy<IModel>(() => Fit(n, Training.X, Training.Y))).Value;

    private static IModel Fit(string name, FeatureBatch x, float[] y)
    {
        var estimator = Estimators()[name];
        return estimator.Fit(x, NeedsLabels(estimator) ? y : [], TestContext.Current.CancellationToken);
    }

    private static double[] Predict(IModel model, FeatureBatch x)
    {
        var scores = new double[x.Rows * model.Outputs];
        model.Predict(x, scores);
        return scores;
    }

    private static byte[] Bytes(IModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }

    private static FeatureBatch Like(FeatureBatch x, Func<float, float> change) => x.With([.. x.Values.Select(change)]);

    private static double LogLoss(double[] probabilities) => Enumerable.Range(0, Test.Y.Length).Average(i => -Math.Log(Test.Y[i] == 1 ? probabilities[i] : 1 - probabilities[i]));
}
