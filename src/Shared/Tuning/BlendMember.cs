using System.Numerics.Tensors;
using Media.Models;
using Media.Models.LightGbm;

namespace Media.Tuning;

/// <summary>From what a member learnt to what is blended: log-odds for yes or no, the amount for an amount.</summary>
internal readonly record struct MemberScale
{
    private enum Kind { AsIs, LogOdds, Log1p }

    private Kind From { get; init; }

    /// <summary>What eˢ is multiplied with.</summary>
    private double Level { get; init; }

    private PlattCalibration Calibration { get; init; }

    internal static MemberScale AsIs => default;

    /// <summary>A score of any scale whose calibration makes it log-odds: a forest's share of votes is too timid, a line may be too bold.</summary>
    internal static MemberScale LogOdds(double[] outOfFold, float[] labels) => new() { From = Kind.LogOdds, Calibration = PlattCalibration.Fit(outOfFold, labels) };

    /// <summary>A learnt ln(1 + amount), brought back such that scores out of fold add up as the labels do.</summary>
    internal static MemberScale Log1p(double[] outOfFold, float[] labels) =>
        new() { From = Kind.Log1p, Level = labels.Sum(l => 1.0 + l) / outOfFold.Sum(Math.Exp) };

    internal void Apply(Span<double> scores)
    {
        for (var i = 0; i < scores.Length; i++)
            scores[i] = From switch
            {
                Kind.LogOdds => Calibration.Slope * scores[i] + Calibration.Intercept,
                Kind.Log1p => Level * Math.Exp(scores[i]) - 1,
                _ => scores[i],
            };
    }
}

/// <summary>One learner of a blend, fitted once per fold; it scores by the mean of its folds.</summary>
/// <remarks>Thread-safe. Dispose when no call is under way.</remarks>
internal abstract class BlendMember(string name, double[] outOfFold) : IDisposable
{
    internal string Name { get; } = name;

    /// <summary>Per training row, the score by the fold's part that never saw it; log-odds or amount.</summary>
    internal double[] OutOfFold { get; } = outOfFold;

    /// <summary>Scores of other rows; log-odds or amounts.</summary>
    internal abstract double[] Score(float[] values);

    public abstract void Dispose();
}

/// <summary>Trees of one kind of setting.</summary>
internal sealed class TreeMember : BlendMember
{
    private readonly Booster[] _boosters;
    private readonly bool _forest;
    private readonly MemberScale _scale;

    private TreeMember(string name, Booster[] boosters, bool forest, double[] outOfFold, MemberScale scale) : base(name, outOfFold) => (_boosters, _forest, _scale) = (boosters, forest, scale);

    /// <param name="boosters">One per fold; the member's to dispose.</param>
    /// <param name="outOfFold">As the trees score: changed to the blend's scale.</param>
    internal static TreeMember Of(string name, Booster[] boosters, bool forest, double[] outOfFold, MemberScale scale)
    {
        scale.Apply(outOfFold);
        return new TreeMember(name, boosters, forest, outOfFold, scale);
    }

    internal override double[] Score(float[] values)
    {
        var sum = new double[values.Length / _boosters[0].Columns];
        foreach (var booster in _boosters)
        {
            // Only the prediction of a forest is its trees' mean; its raw score is their sum.
            var scores = _forest ? booster.Predict(values, threads: 2) : booster.RawScores(values, threads: 2);
            TensorPrimitives.Add(sum, scores, sum);
        }
        TensorPrimitives.Divide(sum, _boosters.Length, sum);
        _scale.Apply(sum);
        return sum;
    }

    public override void Dispose()
    {
        foreach (var booster in _boosters) booster.Dispose();
    }
}

/// <summary>A penalised line.</summary>
internal sealed class LineMember : BlendMember
{
    private readonly LineDesign _design;
    private readonly double[] _weights;
    private readonly int _columns;
    private readonly MemberScale _scale;

    private LineMember(string name, LineDesign design, double[] weights, int columns, double[] outOfFold, MemberScale scale) : base(name, outOfFold) =>
        (_design, _weights, _columns, _scale) = (design, weights, columns, scale);

    /// <param name="weights">One line per fold: their mean is a line, too.</param>
    internal static LineMember Of(string name, LineDesign design, double[][] weights, int columns, double[] outOfFold, MemberScale scale)
    {
        scale.Apply(outOfFold);
        double[] mean = [.. Enumerable.Range(0, design.Width).Select(c => weights.Average(w => w[c]))];
        return new LineMember(name, design, mean, columns, outOfFold, scale);
    }

    internal override double[] Score(float[] values)
    {
        const int chunk = 4096;
        var scores = new double[values.Length / _columns];
        for (var start = 0; start < scores.Length; start += chunk)
        {
            var rows = Math.Min(chunk, scores.Length - start);
            var design = _design.Of(values.AsSpan(start * _columns, rows * _columns), _columns);
            for (var row = 0; row < rows; row++) scores[start + row] = TensorPrimitives.Dot<double>(design.AsSpan(row * _design.Width, _design.Width), _weights);
        }
        _scale.Apply(scores);
        return scores;
    }

    public override void Dispose()
    {
    }
}
