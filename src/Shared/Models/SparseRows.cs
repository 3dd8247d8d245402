namespace Media.Models;

/// <summary>Rows of many columns of which few are not zero: indicators and counts.</summary>
/// <remarks>Compressed by row: the entries of row r are at Starts[r] … Starts[r + 1] − 1. Immutable, thread-safe.</remarks>
/// <param name="Columns">Number of columns.</param>
/// <param name="Starts">Rows + 1 entries, not falling, from 0.</param>
/// <param name="Indexes">The column of each entry, 0 … Columns − 1; a column that stands twice in a row counts as the sum.</param>
/// <param name="Values">The value of each entry, finite.</param>
public sealed record SparseRows(int Columns, int[] Starts, int[] Indexes, float[] Values)
{
    public int Rows => Starts.Length - 1;

    /// <summary>Σ value × weight over a row's entries.</summary>
    /// <param name="weights">One per column.</param>
    public double Dot(int row, ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        for (var at = Starts[row]; at < Starts[row + 1]; at++) sum += Values[at] * weights[Indexes[at]];
        return sum;
    }

    /// <summary>Σ value × weight of each row.</summary>
    /// <param name="weights">One per column.</param>
    public double[] Times(ReadOnlySpan<double> weights)
    {
        var sums = new double[Rows];
        for (var row = 0; row < sums.Length; row++) sums[row] = Dot(row, weights);
        return sums;
    }

    /// <summary>Σ value × the row's number, of each column.</summary>
    /// <param name="ofRows">One per row.</param>
    public double[] TransposeTimes(ReadOnlySpan<double> ofRows)
    {
        var sums = new double[Columns];
        for (var row = 0; row < Rows; row++) AddTo(row, ofRows[row], sums);
        return sums;
    }

    /// <summary>The same rows with the columns from this one on made larger or smaller.</summary>
    public SparseRows ScaledFrom(int column, double factor)
    {
        var values = (float[])Values.Clone();
        for (var at = 0; at < values.Length; at++)
            if (Indexes[at] >= column) values[at] *= (float)factor;
        return this with { Values = values };
    }

    /// <summary>Adds factor × the row to a vector of one entry per column.</summary>
    public void AddTo(int row, double factor, Span<double> sums)
    {
        for (var at = Starts[row]; at < Starts[row + 1]; at++) sums[Indexes[at]] += Values[at] * factor;
    }
}
