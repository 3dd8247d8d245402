using System.Numerics.Tensors;

namespace Media.Models;

/// <summary>A straight line through standardised columns (log-odds, a mean, or a mean's logarithm), with a weight of its own for each column's absence.</summary>
/// <remarks>Immutable, thread-safe. Fitted by Newton's method with an L2 penalty: no seed, no learning rate, the one optimum.</remarks>
/// <seealso href="https://hastie.su.domains/ElemStatLearn/">Hastie, Tibshirani, Friedman 2009, The Elements of Statistical Learning, §4.4.1</seealso>
/// <param name="Weights">One per column, per standard deviation.</param>
/// <param name="AbsenceWeights">One per column, added where the column is NaN; 0 where it never was in training.</param>
public sealed record LinearScore(Standardisation Standardisation, double[] Weights, double[] AbsenceWeights, double Intercept)
{
    public int Columns => Weights.Length;

    /// <summary>The line at each row; finite.</summary>
    /// <param name="values">rows × columns, row-major, NaN = missing.</param>
    public void Score(ReadOnlySpan<float> values, Span<double> scores)
    {
        Span<double> parts = Columns <= 256 ? stackalloc double[Columns] : new double[Columns];
        for (var row = 0; row < scores.Length; row++)
        {
            Parts(values.Slice(row * Columns, Columns), parts);
            scores[row] = Intercept + TensorPrimitives.Sum<double>(parts);
        }
    }

    /// <summary>What each column adds to the score of one row; the average row has about 0 in each.</summary>
    public void Parts(ReadOnlySpan<float> row, Span<double> parts)
    {
        Span<float> standardised = Columns <= 256 ? stackalloc float[Columns] : new float[Columns];
        Standardisation.Apply(row, standardised);
        for (var c = 0; c < Columns; c++) parts[c] = float.IsNaN(row[c]) ? AbsenceWeights[c] : Weights[c] * standardised[c];
    }

    /// <summary>Fits to labels 0 and 1.</summary>
    /// <param name="values">rows × columns, row-major, NaN = missing.</param>
    /// <param name="l2">Penalty ½ · l2 · Σ weight², > 0, beside a loss summed over rows.</param>
    /// <exception cref="ArgumentException">l2 is not positive, or not both classes are there.</exception>
    public static LinearScore Fit(Standardisation standardisation, ReadOnlySpan<float> values, ReadOnlySpan<float> labels, double l2, CancellationToken cancel)
    {
        BinaryLabels.RequireBoth(labels);
        return Fit(standardisation, values, labels, l2, LineFamily.Logistic, free: -1, cancel);
    }

    /// <summary>Fits to labels of the family's kind.</summary>
    /// <param name="l2">As for labels 0 and 1.</param>
    /// <param name="free">Column whose weight is hardly penalised; −1 = none.</param>
    /// <exception cref="ArgumentException">l2 is not positive.</exception>
    internal static LinearScore Fit(Standardisation standardisation, ReadOnlySpan<float> values, ReadOnlySpan<float> labels, double l2, LineFamily family, int free, CancellationToken cancel)
    {
        if (!(l2 > 0)) throw new ArgumentException($"l2 is {l2}; it must be positive.");
        var columns = standardisation.Columns;
        var absent = AbsentColumns(values, columns);
        var problem = new PenalisedLine(Design(standardisation, values, absent), labels.ToArray(), columns + absent.Length + 1, l2, family, free);
        var weights = problem.Minimise(cancel);

        var absenceWeights = new double[columns];
        for (var i = 0; i < absent.Length; i++) absenceWeights[absent[i]] = weights[columns + i];
        return new LinearScore(standardisation, weights[..columns], absenceWeights, weights[^1]);
    }

    /// <summary>The mean of several lines over the same standardisation: itself a line.</summary>
    public static LinearScore Mean(IReadOnlyList<LinearScore> lines) => new(
        lines[0].Standardisation,
        [.. Enumerable.Range(0, lines[0].Columns).Select(c => lines.Average(l => l.Weights[c]))],
        [.. Enumerable.Range(0, lines[0].Columns).Select(c => lines.Average(l => l.AbsenceWeights[c]))],
        lines.Average(l => l.Intercept));

    private static int[] AbsentColumns(ReadOnlySpan<float> values, int columns)
    {
        var absent = new bool[columns];
        for (var i = 0; i < values.Length; i++) absent[i % columns] |= float.IsNaN(values[i]);
        return [.. Enumerable.Range(0, columns).Where(c => absent[c])];
    }

    /// <summary>Per row: the standardised columns, a 1 for each absence of the columns that know one, and a 1 for the intercept.</summary>
    private static double[] Design(Standardisation standardisation, ReadOnlySpan<float> values, int[] absent)
    {
        var columns = standardisation.Columns;
        var width = columns + absent.Length + 1;
        var standardised = new float[values.Length];
        standardisation.Apply(values, standardised);
        var design = new double[values.Length / columns * width];
        for (var row = 0; row < values.Length / columns; row++)
        {
            var line = design.AsSpan(row * width, width);
            for (var c = 0; c < columns; c++) line[c] = standardised[row * columns + c];
            for (var i = 0; i < absent.Length; i++) line[columns + i] = float.IsNaN(values[row * columns + absent[i]]) ? 1 : 0;
            line[^1] = 1;
        }
        return design;
    }
}
