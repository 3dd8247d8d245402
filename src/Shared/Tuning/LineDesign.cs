using Media.Models;

namespace Media.Tuning;

/// <summary>Turns rows of numbers and category codes into what a line can weigh: standardised numbers, bends, absences, and one column per category.</summary>
/// <remarks>
/// A number is taken as it is or as sign(x) · ln(1 + |x|), whichever is less skewed, less its mean, over its standard deviation, held to ±<see cref="Standardisation.Limit"/>. With bends, each number that takes many values also gets
/// max(0, z − q) at its quartiles q, so that the line may change its slope there. Categories of more than <see cref="MostLevels"/> levels are left out: their means
/// stand beside them as numbers. Immutable, thread-safe.
/// </remarks>
internal sealed class LineDesign
{
    internal const int MostLevels = 30;
    private const int FewestValuesToBend = 12;
    private static readonly double[] Quartiles = [0.25, 0.5, 0.75];

    private readonly Term[] _terms;

    private LineDesign(Term[] terms)
    {
        _terms = terms;
        Width = terms.Sum(t => t.Width) + 1;
    }

    /// <summary>Columns of the design, the last being the intercept's ones.</summary>
    internal int Width { get; }

    internal static LineDesign Fit(BlendRows rows, bool bends)
    {
        var terms = new List<Term>();
        var values = new float[rows.Rows];
        for (var column = 0; column < rows.Columns; column++)
        {
            for (var row = 0; row < rows.Rows; row++) values[row] = rows.Values[(long)row * rows.Columns + column];
            var term = rows.CategoricalColumns.Contains(column) ? Levels(column, values) : Number(column, values, bends);
            if (term.Width > 0) terms.Add(term);
        }
        return new LineDesign([.. terms]);
    }

    /// <summary>Design rows of some of the rows; the whole is Width doubles per row.</summary>
    internal double[] Of(ReadOnlySpan<float> values, int columns)
    {
        var rows = values.Length / columns;
        var design = new double[(long)rows * Width];
        for (var row = 0; row < rows; row++)
        {
            var x = values.Slice(row * columns, columns);
            var to = design.AsSpan(row * Width, Width);
            foreach (var term in _terms)
            {
                term.Write(x[term.Column], to[..term.Width]);
                to = to[term.Width..];
            }
            to[0] = 1;
        }
        return design;
    }

    private static Term Number(int column, float[] values, bool bends)
    {
        double[] plain = [.. values.Where(float.IsFinite).Select(v => (double)v)];
        var absent = plain.Length < values.Length;
        if (plain.Length == 0) return new Term(column, false, 0, 0, [], false, 0);
        double[] logarithmic = [.. plain.Select(Logarithm)];
        var logs = Math.Abs(Skewness(logarithmic)) < Math.Abs(Skewness(plain));
        var taken = logs ? logarithmic : plain;
        var mean = taken.Average();
        var deviation = Math.Sqrt(taken.Average(v => (v - mean) * (v - mean)));
        // A column that does not vary can only speak by its absence.
        if (!(deviation > 1e-9 * (1 + Math.Abs(mean)))) return new Term(column, false, 0, 0, [], absent, 0);
        Array.Sort(taken);
        var knots = bends && taken.Distinct().Take(FewestValuesToBend).Count() == FewestValuesToBend
            ? Quartiles.Select(q => (taken[(int)(q * (taken.Length - 1))] - mean) / deviation).Distinct().ToArray() : [];
        return new Term(column, logs, mean, deviation, knots, absent, 0);
    }

    private static Term Levels(int column, float[] values)
    {
        var levels = 1 + (int)values.Where(float.IsFinite).DefaultIfEmpty(-1).Max();
        return new Term(column, false, 0, 0, [], Absent: false, levels > MostLevels ? 0 : levels);
    }

    private static double Logarithm(double value) => Math.CopySign(double.LogP1(Math.Abs(value)), value);

    private static double Skewness(double[] values)
    {
        var mean = values.Average();
        double squares = 0, cubes = 0;
        foreach (var value in values)
        {
            var d = value - mean;
            squares += d * d;
            cubes += d * d * d;
        }
        var variance = squares / values.Length;
        return variance > 0 ? cubes / values.Length / Math.Pow(variance, 1.5) : 0;
    }

    /// <summary>What one column becomes.</summary>
    /// <param name="Deviation">0 where the number itself says nothing.</param>
    /// <param name="Absent">Whether the column was ever missing in training.</param>
    /// <param name="Levels">Codes that get a column each; 0 for a number.</param>
    private sealed record Term(int Column, bool Logs, double Mean, double Deviation, double[] Knots, bool Absent, int Levels)
    {
        public int Width => Levels + (Deviation > 0 ? 1 + Knots.Length : 0) + (Absent ? 1 : 0);

        public void Write(float value, Span<double> to)
        {
            to.Clear();
            if (Levels > 0)
            {
                if (value >= 0 && value < Levels) to[(int)value] = 1;
                return;
            }
            if (float.IsNaN(value))
            {
                if (Absent) to[^1] = 1;
                return;
            }
            if (Deviation == 0) return;
            var z = Math.Clamp(((Logs ? Logarithm(value) : value) - Mean) / Deviation, -Standardisation.Limit, Standardisation.Limit);
            to[0] = z;
            for (var k = 0; k < Knots.Length; k++) to[1 + k] = Math.Max(0, z - Knots[k]);
        }
    }
}
