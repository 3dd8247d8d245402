using Media.Features;

namespace Media.Models;

/// <summary>Brings columns to one scale: sign(x) · ln(1 + |x|), less its mean, over its standard deviation, held to ±<see cref="Limit"/>; NaN becomes 0, the mean.</summary>
/// <remarks>The logarithm tames counts and durations, whose tails would rule a straight line. Immutable, thread-safe.</remarks>
/// <param name="Means">One per column, of the logarithms.</param>
/// <param name="Scales">One per column; 0 for a column that did not vary, which then always gives 0.</param>
public sealed record Standardisation(float[] Means, float[] Scales)
{
    /// <summary>Farthest a value counts, in standard deviations: beyond it lies nothing that was learnt from.</summary>
    public const float Limit = 8;

    public int Columns => Means.Length;

    /// <summary>Learns from rows.</summary>
    /// <param name="values">rows × columns, row-major, NaN = missing; infinities are passed over.</param>
    public static Standardisation Fit(ReadOnlySpan<float> values, int columns)
    {
        var counts = new int[columns];
        var means = new double[columns];
        var squares = new double[columns];
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) continue;
            var c = i % columns;
            var value = (double)Logarithm(values[i]);
            var delta = value - means[c];
            means[c] += delta / ++counts[c];
            squares[c] += delta * (value - means[c]);
        }
        var scales = new float[columns];
        for (var c = 0; c < columns; c++)
        {
            var deviation = counts[c] > 0 ? Math.Sqrt(squares[c] / counts[c]) : 0;
            scales[c] = deviation > 1e-6 ? (float)deviation : 0;
        }
        return new Standardisation([.. means.Select(m => (float)m)], scales);
    }

    /// <summary>Standardised rows; the result holds only finite numbers.</summary>
    public void Apply(ReadOnlySpan<float> values, Span<float> standardised)
    {
        var columns = Columns;
        for (var row = 0; row < values.Length; row += columns)
            for (var c = 0; c < columns; c++)
                standardised[row + c] = Scales[c] == 0 || float.IsNaN(values[row + c])
                    ? 0
                    : Math.Clamp((Logarithm(values[row + c]) - Means[c]) / Scales[c], -Limit, Limit);
    }

    /// <summary>One score a row, from its standardised columns.</summary>
    /// <param name="rows">With just the columns learnt from, in their order.</param>
    /// <exception cref="ArgumentException">There is not one place a row.</exception>
    internal void Score(FeatureBatch rows, Span<double> scores, Func<ReadOnlySpan<float>, double> score)
    {
        if (scores.Length != rows.Rows) throw new ArgumentException($"scores has {scores.Length} places but x has {rows.Rows} rows.");
        var standardised = new float[Columns];
        for (var row = 0; row < scores.Length; row++)
        {
            Apply(rows.Row(row), standardised);
            scores[row] = score(standardised);
        }
    }

    private static float Logarithm(float value) => MathF.CopySign(float.LogP1(MathF.Abs(value)), value);
}
