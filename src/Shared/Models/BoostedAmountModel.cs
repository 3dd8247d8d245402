using Media.Features;
using Media.Models.LightGbm;

namespace Media.Models;

/// <summary>The scale on which amounts are learnt.</summary>
public enum AmountScale
{
    /// <summary>The label's own.</summary>
    AsIs,
    /// <summary>ln(1 + label), for labels ≥ 0 with a long tail.</summary>
    Log1p,
}

/// <summary>How a <see cref="BoostedAmountModel"/> is fitted.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record BoostedAmountOptions
{
    /// <summary>
    /// What an error costs. Regression, Poisson, Tweedie and Gamma predict the mean, the last three on a logarithmic line; AbsoluteError predicts the median; Huber
    /// lies between. Default Regression; Binary and LambdaRank are no amounts.
    /// </summary>
    public LightGbmObjective Objective { get; init; } = LightGbmObjective.Regression;

    /// <summary>Default <see cref="AmountScale.AsIs"/>; <see cref="AmountScale.Log1p"/> goes with Regression, AbsoluteError and Huber.</summary>
    public AmountScale Scale { get; init; } = AmountScale.AsIs;

    /// <summary>Folds, line and trees; the trees' objective is this record's.</summary>
    public BoostedOptions Fitting { get; init; } = new();

    internal bool PredictsTheMean => Objective is not (LightGbmObjective.AbsoluteError or LightGbmObjective.Huber);

    internal bool IsLogarithmic => Objective is LightGbmObjective.Poisson or LightGbmObjective.Tweedie or LightGbmObjective.Gamma;

    /// <exception cref="ArgumentException">A value is out of its range, or two do not go together.</exception>
    internal void Check()
    {
        Fitting.Check();
        if (Objective is LightGbmObjective.Binary or LightGbmObjective.LambdaRank) throw new ArgumentException($"Objective is {Objective}; an amount needs Regression, AbsoluteError, Huber, Poisson, Tweedie or Gamma.");
        if (Scale == AmountScale.Log1p && IsLogarithmic) throw new ArgumentException($"{Objective} is on a logarithmic scale already; it goes with AsIs, not Log1p.");
    }
}

/// <summary>An amount: a straight line and what trees add to it (<see cref="BoostedLine"/>), brought back to the label's scale.</summary>
/// <remarks>
/// Line and trees are fitted once per fold of entities and averaged. Where the score is a logarithm and the mean is meant, eˢ alone lies too low (it is nearer the
/// median): it is multiplied by the factor that makes predictions and labels add up to the same on scores of folds that never saw the row's entity; of the latest
/// as-of instant, where it holds 200 rows, since levels move with time (a smearing estimate by sums; Duan 1983). A prediction never leaves the range of the training
/// labels. Outputs: 1, a finite number in the label's unit. Contributions are of the score: the amount itself, or its logarithm. Immutable, thread-safe; scores
/// without native code.
/// </remarks>
/// <seealso href="https://doi.org/10.1080/01621459.1983.10478017">Duan 1983, Smearing Estimate: A Nonparametric Retransformation Method</seealso>
public sealed class BoostedAmountModel : ILearnsOn, IExplains
{
    private const int FewestLatestRows = 200;

    private readonly string _name;
    private readonly BoostedLine _score;
    private readonly Answer _answer;

    private BoostedAmountModel(string name, IReadOnlyList<string> features, BoostedLine score, Answer answer) =>
        (_name, Features, _score, _answer) = (name, features, score, answer);

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 1;

    /// <exception cref="ArgumentException">Lengths differ, no rows, a label is not finite or not of the objective's kind, all labels are equal, fewer entities than folds, or a feature is missing.</exception>
    /// <exception cref="LightGbmException">The native library refuses or is missing.</exception>
    internal static BoostedAmountModel Fit(string name, IReadOnlyList<string> features, BoostedAmountOptions options, FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        options.Check();
        Require(options, x, y);
        var rows = x.Select(features);
        var labels = y.ToArray();
        float[] targets = options.Scale == AmountScale.Log1p ? [.. labels.Select(float.LogP1)] : labels;
        var foldOf = UserFolds.DealByAmount(rows, labels, options.Fitting.Folds);
        var (score, outOfFold) = BoostedLine.Fit(options.Fitting, options.IsLogarithmic ? LineFamily.Poisson : LineFamily.Gaussian, options.Fitting.Trees with { Objective = options.Objective }, rows, targets, foldOf, cancel);
        var curve = options.IsLogarithmic ? Curve.Exponential : options.Scale == AmountScale.Log1p ? Curve.ExponentialLess1 : Curve.Straight;
        var level = curve != Curve.Straight && options.PredictsTheMean ? Level(curve, rows, labels, outOfFold) : 1;
        return new BoostedAmountModel(name, features, score, new Answer(curve, level, labels.Min(), labels.Max()));
    }

    /// <exception cref="InvalidDataException">The bytes are not such a model over these features.</exception>
    internal static BoostedAmountModel Load(string name, IReadOnlyList<string> features, Stream saved)
    {
        var body = ModelFile.Read<Body>(saved, name, features);
        return new BoostedAmountModel(name, features, new BoostedLine(body.Line, body.Trees, features.Count), body.Answer);
    }

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        if (scores.Length != x.Rows) throw new ArgumentException($"scores has {scores.Length} places but x has {x.Rows} rows.");
        _score.Score(x.Select(Features), scores);
        for (var row = 0; row < scores.Length; row++) scores[row] = _answer.Of(scores[row]);
    }

    public void Save(Stream to) => ModelFile.Write(to, _name, Features, new Body(_score.Line, _score.Trees, _answer));

    public double[] Contributions(FeatureBatch x) => _score.Contributions(x.Select(Features));

    public IReadOnlyList<FeatureImportance> Importances(FeatureBatch x) => _score.Importances(x.Select(Features));

    public ModelUpdate LearnOn(IReadOnlyList<BoostedPart> parts, FeatureBatch fresh, float[] y, LearnOnOptions options, CancellationToken cancel)
    {
        var (model, update) = LearnOn(parts.Single(), fresh, y, options, cancel);
        return new ModelUpdate(model, [update]);
    }

    /// <inheritdoc cref="ILearnsOn.LearnOn"/>
    internal (BoostedAmountModel Model, PartUpdate Update) LearnOn(BoostedPart part, FeatureBatch fresh, float[] y, LearnOnOptions options, CancellationToken cancel)
    {
        var (rows, labels) = part.Newer(fresh, y, Features);
        var amount = new BoostedAmountOptions { Objective = part.Objective, Scale = part.Scale, Fitting = part.Fitting };
        Require(amount, rows, labels);
        var (score, outOfFold, update) = _score.LearnOn(part, rows, labels, options, cancel);
        if (!update.Taken) return (this, update);
        // The level follows the newer rows where they are enough to tell it.
        var level = _answer.Curve != Curve.Straight && amount.PredictsTheMean && rows.LatestRows().Length >= FewestLatestRows ? Level(_answer.Curve, rows, labels, outOfFold) : _answer.Level;
        return (new BoostedAmountModel(_name, Features, score, _answer with { Level = level, Least = Math.Min(_answer.Least, labels.Min()), Most = Math.Max(_answer.Most, labels.Max()) }), update);
    }

    private static void Require(BoostedAmountOptions options, FeatureBatch x, ReadOnlySpan<float> y)
    {
        AmountLabels.RequireFitting(x, y);
        LightGbmLabels.Check(options.Objective, y, training: true);
        if (options.Scale != AmountScale.Log1p) return;
        for (var row = 0; row < y.Length; row++)
            if (y[row] < 0) throw new ArgumentException($"The label of row {row} is {y[row]}; on the scale Log1p an amount is at least 0.");
    }

    /// <summary>Σ label ÷ Σ eˢ over rows scored out of fold (with 1 added to each label where the score is of 1 + label).</summary>
    private static double Level(Curve curve, FeatureBatch rows, float[] labels, double[] outOfFold)
    {
        var at = rows.LatestRows();
        if (at.Length < FewestLatestRows) at = [.. Enumerable.Range(0, rows.Rows)];
        var one = curve == Curve.ExponentialLess1 ? 1 : 0;
        var (real, scored) = (at.Sum(r => (double)labels[r] + one), at.Sum(r => Math.Exp(outOfFold[r])));
        return real > 0 && double.IsFinite(scored) ? real / scored : 1;
    }

    private enum Curve { Straight, Exponential, ExponentialLess1 }

    /// <summary>From score to amount.</summary>
    private sealed record Answer(Curve Curve, double Level, float Least, float Most)
    {
        public double Of(double score) => Math.Clamp(Curve switch
        {
            Curve.Exponential => Level * Math.Exp(score),
            Curve.ExponentialLess1 => Level * Math.Exp(score) - 1,
            _ => score,
        }, Least, Most);
    }

    private sealed record Body(LinearScore Line, IReadOnlyList<string> Trees, Answer Answer);
}
