namespace Media.Features;

/// <summary>Sum and mean of numbers that come one by one; NaN is absent and skipped.</summary>
internal struct Average
{
    private int _count;

    /// <summary>0 when no number came.</summary>
    public double Sum { get; private set; }

    /// <summary>NaN when no number came.</summary>
    public readonly double Mean => _count > 0 ? Sum / _count : double.NaN;

    public void Add(double value)
    {
        if (double.IsNaN(value)) return;
        _count++;
        Sum += value;
    }
}
