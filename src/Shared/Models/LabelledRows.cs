using Media.Events;
using Media.Features;

namespace Media.Models;

/// <summary>The time in which a label was observed: [Start, End), µs since the Unix epoch, UTC.</summary>
public readonly record struct LabelWindow
{
    /// <exception cref="ArgumentException">The end is not after the start.</exception>
    public LabelWindow(long startMicros, long endMicros)
    {
        if (endMicros <= startMicros) throw new ArgumentException($"The label window ends at {endMicros}, not after its start {startMicros}.");
        (StartMicros, EndMicros) = (startMicros, endMicros);
    }

    public long StartMicros { get; }
    public long EndMicros { get; }
}

/// <summary>Feature rows with what became of each.</summary>
/// <remarks>Y: one per row, 0 or 1 or an amount, as the estimator's <see cref="ILabelledEstimator.Kind"/> says. Windows: one per row. Not changed after construction.</remarks>
public sealed class LabelledRows
{
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public LabelledRows(FeatureBatch x, float[] y, LabelWindow[] windows)
    {
        if (y.Length != x.Rows) throw new ArgumentException($"y has {y.Length} labels but x has {x.Rows} rows.");
        if (windows.Length != x.Rows) throw new ArgumentException($"windows has {windows.Length} entries but x has {x.Rows} rows.");
        (X, Y, Windows) = (x, y, windows);
    }

    /// <summary>Rows whose label is observed in the horizon that starts at their as-of instant.</summary>
    public static LabelledRows Of(FeatureBatch x, float[] y, TimeSpan horizon) =>
        new(x, y, [.. x.AsOfMicros.Select(t => new LabelWindow(t, t + EpochMicros.Of(horizon)))]);

    public FeatureBatch X { get; }
    public float[] Y { get; }
    public LabelWindow[] Windows { get; }
    public int Rows => X.Rows;

    /// <summary>Mean label: for labels 0 and 1 the share of positives; NaN when there are no rows.</summary>
    public double MeanLabel => Rows == 0 ? double.NaN : Y.Average(v => (double)v);

    /// <summary>These rows, in this order.</summary>
    public LabelledRows Take(ReadOnlySpan<int> rows)
    {
        var y = new float[rows.Length];
        var windows = new LabelWindow[rows.Length];
        for (var i = 0; i < rows.Length; i++) (y[i], windows[i]) = (Y[rows[i]], Windows[rows[i]]);
        return new LabelledRows(X.Take(rows), y, windows);
    }
}
