using System.Collections.Concurrent;
using Media.Features;
using Media.Models;

namespace Media.Tests.Models;

/// <summary>What every model keeps to, whoever wrote it: the catalogue's and the baselines, found by reflection.</summary>
public class ModelContractTests
{
    private static readonly ConcurrentDictionary<(string Columns, LabelKind Kind, int Seed), Lazy<PlantedRows>> Planted = new();
    private static readonly ConcurrentDictionary<string, Lazy<IModel>> Fitted = new(StringComparer.Ordinal);

    public static TheoryData<string> Everyone => [.. Estimators().Keys];
    public static TheoryData<string> Labelled => [.. Estimators().Where(e => NeedsLabels(e.Value) && KindOf(e.Value) == LabelKind.YesNo).Select(e => e.Key)];

    /// <summary>Those that read features and learn a yes or no.</summary>
    public static TheoryData<string> Learners => [.. Estimators().Where(e => NeedsLabels(e.Value) && KindOf(e.Value) == LabelKind.YesNo && e.Value.Features.Count > 0).Select(e => e.Key)];

    /// <summary>Those that learn an amount.</summary>
    public static TheoryData<string> AmountLearners => [.. Estimators().Where(e => KindOf(e.Value) == LabelKind.Amount && e.Value.Features.Count > 0).Select(e => e.Key)];

    [Theory, MemberData(nameof(AmountLearners))]
    public void PlantedAmount_IsLearnt(string name)
    {
        var (best, got) = (Explained(Test(name).Truth, Test(name).Y), Explained(Predict(FittedModel(name), Test(name).X), Test(name).Y));
        // Amounts that stop at 0 bend, which a line does not; a net pays for 57 columns of noise, in squared errors more than in order.
        var share = Estimators()[name] switch { LinearEstimator => 0.65, SmallNetRegressionEstimator => 0.3, _ => 0.8 };
        Assert.True(got >= share * best, $"R² {got:F4}; the truth has {best:F4}.");
    }

    [Theory, MemberData(nameof(AmountLearners))]
    public void BadAmounts_AreRefused(string name)
    {
        Assert.Throws<ArgumentException>(() => Fit(name, Training(name).X, Training(name).Y[1..]));
        Assert.Throws<ArgumentException>(() => Fit(name, Training(name).X, [.. Training(name).Y.Select(_ => float.NaN)]));
    }

    [Theory, MemberData(nameof(Learners))]
    public void PlantedSignal_IsLearnt(string name)
    {
        var best = PlantedRows.Auc(Test(name).Truth, Test(name).Y) - 0.5;
        var got = PlantedRows.Auc(Predict(FittedModel(name), Test(name).X), Test(name).Y) - 0.5;
        // One column of two; a net pays for 57 columns of noise.
        var share = Estimators()[name] switch { SingleFeatureEstimator => 0.4, SmallNetEstimator => 0.75, _ => 0.85 };
        Assert.True(got >= share * best, $"AUC {0.5 + got:F4}; the truth has {0.5 + best:F4}.");
    }

    [Theory, MemberData(nameof(Learners))]
    public void PlantedSignal_BeatsTheBaseRate(string name)
    {
        var (model, trivial) = (LogLoss(Predict(FittedModel(name), Test(name).X), Test(name).Y), LogLoss(Predict(FittedModel("trivial"), Test("trivial").X), Test("trivial").Y));
        Assert.True(model < trivial, $"Log loss {model:F4}; the base rate has {trivial:F4}.");
    }

    [Theory, MemberData(nameof(Everyone))]
    public void SameRowsAndSeed_GiveTheSameBytes(string name) => Assert.Equal(Bytes(FittedModel(name)), Bytes(Fit(name, Training(name).X, Training(name).Y)));

    [Theory, MemberData(nameof(Everyone))]
    public void SavedAndLoaded_ScoresTheSame(string name)
    {
        var model = FittedModel(name);
        var loaded = Estimators()[name].Load(new MemoryStream(Bytes(model)));
        Assert.Equal(Predict(model, Test(name).X), Predict(loaded, Test(name).X));
        Assert.Equal(model.Features, loaded.Features);
        Assert.Equal(Bytes(model), Bytes(loaded));
    }

    [Theory, MemberData(nameof(Everyone))]
    public void ColumnOrder_DoesNotMatter(string name)
    {
        string[] reversed = [.. Training(name).X.Names.Reverse()];
        Assert.Equal(Predict(FittedModel(name), Test(name).X), Predict(FittedModel(name), Test(name).X.Select(reversed)));
        Assert.Equal(Bytes(FittedModel(name)), Bytes(Fit(name, Training(name).X.Select(reversed), Training(name).Y)));
    }

    [Theory, MemberData(nameof(Everyone))]
    public void MissingAndInfiniteValues_GiveFiniteScores(string name)
    {
        foreach (var value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue])
        {
            var x = Like(Test(name).X, _ => value);
            Assert.All(Predict(FittedModel(name), x), score => Assert.True(double.IsFinite(score)));
        }
    }

    /// <summary>As where a source lacks a field, and where the leak gate asks what a group of features is worth.</summary>
    [Theory, MemberData(nameof(Learners)), MemberData(nameof(AmountLearners))]
    public void ColumnsWithoutAnyValue_AreFittedAround(string name)
    {
        var (x, width) = (Training(name).X, Training(name).X.Names.Count);
        foreach (var half in (int[])[0, 1])
        {
            var values = (float[])x.Values.Clone();
            for (var i = 0; i < values.Length; i++)
                if (i % width % 2 == half) values[i] = float.NaN;
            Assert.All(Predict(Fit(name, x.With(values), Training(name).Y), Test(name).X), score => Assert.True(double.IsFinite(score)));
        }
    }

    [Theory, MemberData(nameof(Labelled))]
    public void Scores_AreProbabilities(string name) => Assert.All(Predict(FittedModel(name), Test(name).X), score => Assert.InRange(score, 0, 1));

    [Theory, MemberData(nameof(Everyone))]
    public void Inputs_StayUntouched(string name)
    {
        var (values, labels) = ((float[])Training(name).X.Values.Clone(), (float[])Training(name).Y.Clone());
        Predict(Fit(name, Training(name).X, Training(name).Y), Training(name).X);
        Assert.Equal(values, Training(name).X.Values);
        Assert.Equal(labels, Training(name).Y);
    }

    [Theory, MemberData(nameof(Everyone))]
    public void ParallelPrediction_EqualsSerial(string name)
    {
        var model = FittedModel(name);
        var serial = Predict(model, Test(name).X);
        var parallel = new double[serial.Length];
        Parallel.For(0, Test(name).X.Rows, row =>
            Predict(model, Test(name).X.Take([row])).CopyTo(parallel.AsSpan(row * model.Outputs)));
        Assert.Equal(serial, parallel);
    }

    [Theory, MemberData(nameof(Everyone))]
    public void NoRows_AreRefusedInTrainingAndFineInPrediction(string name)
    {
        Assert.Throws<ArgumentException>(() => Fit(name, Training(name).X.Take([]), []));
        Assert.Empty(Predict(FittedModel(name), Test(name).X.Take([])));
    }

    [Theory, MemberData(nameof(Labelled))]
    public void BadLabels_AreRefused(string name)
    {
        Assert.Contains("both classes", Assert.Throws<ArgumentException>(() => Fit(name, Training(name).X, new float[Training(name).X.Rows])).Message, StringComparison.Ordinal);
        Assert.Contains("labels but x has", Assert.Throws<ArgumentException>(() => Fit(name, Training(name).X, Training(name).Y[1..])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Fit(name, Training(name).X, [.. Training(name).Y.Select(_ => float.NaN)]));
        Assert.Throws<ArgumentException>(() => Fit(name, Training(name).X, [.. Training(name).Y.Select(l => l * 2)]));
    }

    [Theory, MemberData(nameof(Everyone))]
    public void MissingFeature_IsNamed(string name)
    {
        var estimator = Estimators()[name];
        if (estimator.Features.Count == 0) return;
        var without = Test(name).X.Select([.. Test(name).X.Names.Where(n => n != estimator.Features[0])]);
        Assert.Contains(estimator.Features[0], Assert.Throws<ArgumentException>(() => Predict(FittedModel(name), without)).Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Everyone))]
    public void WrongScoresLength_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => FittedModel(name).Predict(Test(name).X, new double[Test(name).X.Rows * FittedModel(name).Outputs - 1]));

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
        Assert.ThrowsAny<OperationCanceledException>(() => Estimators()[name].Fit(Training(name).X, NeedsLabels(Estimators()[name]) ? Training(name).Y : [], new CancellationToken(canceled: true)));
    }

    private static SortedDictionary<string, IEstimator> Estimators() =>
        new(ModelCatalog.All.Values.Concat(ModelCatalog.Baselines).ToDictionary(e => e.Name), StringComparer.Ordinal);

    private static PlantedRows Training(string name) => Rows(name, users: 800, instants: 2, seed: 1);

    private static PlantedRows Test(string name) => Rows(name, users: 3000, instants: 1, seed: 2);

    /// <summary>Rows of the columns that the model reads, those of readers when it reads no others; drawn once.</summary>
    private static PlantedRows Rows(string name, int users, int instants, int seed)
    {
        var estimator = Estimators()[name];
        var ofReaders = estimator.Features.All(FeatureCatalog.Names.Contains);
        return Planted.GetOrAdd((ofReaders ? "reader" : name, KindOf(estimator), seed), key => new Lazy<PlantedRows>(() =>
            PlantedRows.Draw(users, instants, seed, kind: key.Kind, names: ofReaders ? null : estimator.Features))).Value;
    }

    private static LabelKind KindOf(IEstimator estimator) => estimator switch { ILabelledEstimator labelled => labelled.Kind, IBaseline baseline => baseline.Kind, _ => LabelKind.YesNo };

    private static bool NeedsLabels(IEstimator estimator) => estimator is IBaseline or ILabelledEstimator;

    private static IModel FittedModel(string name) => Fitted.GetOrAdd(name, n => new Lazy<IModel>(() => Fit(n, Training(n).X, Training(n).Y))).Value;

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

    private static double LogLoss(double[] probabilities, float[] y) => Enumerable.Range(0, y.Length).Average(i => -Math.Log(y[i] == 1 ? probabilities[i] : 1 - probabilities[i]));

    /// <summary>R².</summary>
    private static double Explained(double[] means, float[] y)
    {
        var mean = y.Average(v => (double)v);
        return 1 - Enumerable.Range(0, y.Length).Sum(i => (y[i] - means[i]) * (y[i] - means[i])) / y.Sum(v => (v - mean) * (v - mean));
    }
}
