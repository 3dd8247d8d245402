using Media.Features;
using Media.Models.LightGbm;

namespace Media.Models;

/// <summary>Probability of a yes: a straight line, what trees add to it (<see cref="BoostedLine"/>), and Platt's calibration.</summary>
/// <remarks>
/// Line and trees are fitted once per fold of entities and averaged. Each training row has a score from a fold that never saw its entity: on those of the latest
/// as-of instant the calibration is fitted, and no rows are lost to it. Outputs: 1, in [0, 1]. Immutable, thread-safe; scores without native code.
/// </remarks>
public sealed class BoostedModel : ILearnsOn, IExplains
{
    // Below these the latest instant alone says less about the level than all instants together.
    private const int FewestLatestRows = 200;
    private const int FewestLatestOfAClass = 30;

    private readonly string _name;
    private readonly BoostedLine _logOdds;
    private readonly PlattCalibration _calibration;

    private BoostedModel(string name, IReadOnlyList<string> features, BoostedLine logOdds, PlattCalibration calibration) =>
        (_name, Features, _logOdds, _calibration) = (name, features, logOdds, calibration);

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 1;

    /// <exception cref="ArgumentException">Lengths differ, no rows, labels are not 0 and 1 with enough entities of each, or a feature is missing.</exception>
    /// <exception cref="LightGbmException">The native library refuses or is missing.</exception>
    internal static BoostedModel Fit(string name, IReadOnlyList<string> features, BoostedOptions options, FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        options.Check();
        BinaryLabels.RequireFitting(x, y);
        var rows = x.Select(features);
        var labels = y.ToArray();
        var foldOf = UserFolds.Deal(rows, labels, options.Folds);
        var (logOdds, outOfFold) = BoostedLine.Fit(options, LineFamily.Logistic, options.Trees with { Objective = LightGbmObjective.Binary }, rows, labels, foldOf, cancel);
        var latest = LatestToCalibrateBy(rows, labels);
        return new BoostedModel(name, features, logOdds, latest.Length > 0 ? Calibrate(latest, labels, outOfFold) : PlattCalibration.Fit(outOfFold, labels));
    }

    /// <exception cref="InvalidDataException">The bytes are not such a model over these features.</exception>
    internal static BoostedModel Load(string name, IReadOnlyList<string> features, Stream saved)
    {
        var body = ModelFile.Read<Body>(saved, name, features);
        return new BoostedModel(name, features, new BoostedLine(body.Line, body.Trees, features.Count), body.Calibration);
    }

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        if (scores.Length != x.Rows) throw new ArgumentException($"scores has {scores.Length} places but x has {x.Rows} rows.");
        _logOdds.Score(x.Select(Features), scores);
        for (var row = 0; row < scores.Length; row++) scores[row] = _calibration.Apply(scores[row]);
    }

    public void Save(Stream to) => ModelFile.Write(to, _name, Features, new Body(_logOdds.Line, _logOdds.Trees, _calibration));

    public double[] Contributions(FeatureBatch x) => _logOdds.Contributions(x.Select(Features));

    public IReadOnlyList<FeatureImportance> Importances(FeatureBatch x) => _logOdds.Importances(x.Select(Features));

    public ModelUpdate LearnOn(IReadOnlyList<BoostedPart> parts, FeatureBatch fresh, float[] y, LearnOnOptions options, CancellationToken cancel)
    {
        var (model, update) = LearnOn(parts.Single(), fresh, y, options, cancel);
        return new ModelUpdate(model, [update]);
    }

    /// <inheritdoc cref="ILearnsOn.LearnOn"/>
    internal (BoostedModel Model, PartUpdate Update) LearnOn(BoostedPart part, FeatureBatch fresh, float[] y, LearnOnOptions options, CancellationToken cancel)
    {
        var (rows, labels) = part.Newer(fresh, y, Features);
        BinaryLabels.RequireFitting(rows, labels);
        var (logOdds, outOfFold, update) = _logOdds.LearnOn(part, rows, labels, options, cancel);
        if (!update.Taken) return (this, update);
        var latest = LatestToCalibrateBy(rows, labels);
        return (new BoostedModel(_name, Features, logOdds, latest.Length > 0 ? Calibrate(latest, labels, outOfFold) : _calibration), update);
    }

    private static PlattCalibration Calibrate(int[] at, float[] labels, double[] outOfFold) =>
        PlattCalibration.Fit([.. at.Select(r => outOfFold[r])], [.. at.Select(r => labels[r])]);

    /// <summary>The rows of the latest as-of instant, where they are enough to tell the level; else none.</summary>
    private static int[] LatestToCalibrateBy(FeatureBatch rows, float[] labels)
    {
        var at = rows.LatestRows();
        var positives = at.Count(r => labels[r] == 1);
        return at.Length >= FewestLatestRows && Math.Min(positives, at.Length - positives) >= FewestLatestOfAClass ? at : [];
    }

    private sealed record Body(LinearScore Line, IReadOnlyList<string> Trees, PlattCalibration Calibration);
}
