using System.Numerics.Tensors;
using Media.Models;

namespace Media.Tuning;

/// <summary>One line of a blend's leaderboard.</summary>
/// <param name="Loss">Log loss, or mean squared error, out of fold.</param>
/// <param name="Weight">Its share of the blend, 0 – 1.</param>
public sealed record BlendShare(string Member, double Loss, double Weight);

/// <summary>A fitted blend.</summary>
/// <remarks>Thread-safe; holds native boosters: dispose when no call is under way.</remarks>
public sealed class BlendedModel : IDisposable
{
    private readonly int _columns;
    private readonly IReadOnlyList<(BlendMember Member, double Weight)> _members;
    private readonly Func<double, double> _answer;

    private BlendedModel(int columns, IReadOnlyList<(BlendMember, double)> members, IReadOnlyList<BlendShare> shares, double[] outOfFold, Func<double, double> answer) =>
        (_columns, _members, Shares, OutOfFold, _answer) = (columns, members, shares, [.. outOfFold.Select(answer)], answer);

    internal BlendedModel(int columns, IReadOnlyList<(BlendMember, double)> members, IReadOnlyList<BlendShare> shares, double[] outOfFold, PlattCalibration calibration)
        : this(columns, members, shares, outOfFold, calibration.Apply)
    {
    }

    internal BlendedModel(int columns, IReadOnlyList<(BlendMember, double)> members, IReadOnlyList<BlendShare> shares, double[] outOfFold, double shift, double least, double most)
        : this(columns, members, shares, outOfFold, score => Math.Clamp(score + shift, least, most))
    {
    }

    /// <summary>All that were tried, in the order in which they were fitted.</summary>
    public IReadOnlyList<BlendShare> Shares { get; }

    /// <summary>Per training row, what the blend answers by the parts that never saw the row: probabilities or amounts.</summary>
    public IReadOnlyList<double> OutOfFold { get; }

    /// <summary>Calibrated probabilities, or amounts within the range of the training labels; one per row.</summary>
    /// <param name="values">rows × columns, row-major, in training's order and codes; NaN = missing.</param>
    /// <exception cref="ArgumentException">The values are no whole number of rows.</exception>
    public double[] Predict(float[] values)
    {
        if (values.Length % _columns != 0) throw new ArgumentException($"values has {values.Length} numbers: no whole number of rows of {_columns} columns.");
        var sum = new double[values.Length / _columns];
        if (sum.Length == 0) return sum;
        foreach (var (member, weight) in _members) TensorPrimitives.MultiplyAdd(member.Score(values), weight, sum, sum);
        for (var row = 0; row < sum.Length; row++) sum[row] = _answer(sum[row]);
        return sum;
    }

    public void Dispose()
    {
        foreach (var (member, _) in _members) member.Dispose();
    }
}
