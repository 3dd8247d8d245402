namespace Media.Models.Text;

/// <summary>Headlines as rows of many columns of which few are not zero.</summary>
/// <remarks>Compressed by row: row r has the entries Starts[r] … Starts[r + 1] − 1. Not changed after construction.</remarks>
/// <param name="Columns">Terms, then features.</param>
/// <param name="Indexes">The column of each entry.</param>
internal sealed record HeadlineRows(int Columns, int[] Starts, int[] Indexes, float[] Values)
{
    internal int Rows => Starts.Length - 1;

    /// <summary>Per row: Σ value × weight.</summary>
    internal double[] Times(double[] weights)
    {
        var sums = new double[Rows];
        for (var row = 0; row < sums.Length; row++)
        {
            var sum = 0.0;
            for (var at = Starts[row]; at < Starts[row + 1]; at++) sum += Values[at] * weights[Indexes[at]];
            sums[row] = sum;
        }
        return sums;
    }

    /// <summary>Per column: Σ value × the row's number.</summary>
    internal double[] TransposeTimes(double[] ofRows)
    {
        var sums = new double[Columns];
        for (var row = 0; row < Rows; row++)
            for (var at = Starts[row]; at < Starts[row + 1]; at++) sums[Indexes[at]] += Values[at] * ofRows[row];
        return sums;
    }

    /// <summary>The same rows with the columns from this one on made larger or smaller.</summary>
    internal HeadlineRows ScaledFrom(int column, double factor)
    {
        var values = (float[])Values.Clone();
        for (var at = 0; at < values.Length; at++)
            if (Indexes[at] >= column) values[at] *= (float)factor;
        return this with { Values = values };
    }
}
