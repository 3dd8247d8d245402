namespace Media.Features;

/// <summary>Count, sum, extremes and spread of numbers that come one by one; NaN is absent and skipped.</summary>
/// <seealso href="https://doi.org/10.1080/00401706.1962.10490022">Welford 1962, Note on a method for calculating corrected sums of squares and products</seealso>
internal struct Moments()
{
    private int _count;
    private double _runningMean;
    private double _squaredDeviations;

    /// <summary>0 when no number came.</summary>
    public double Sum { get; private set; }

    /// <summary>NaN when no number came, as are <see cref="Max"/>, <see cref="Mean"/> and <see cref="StandardDeviation"/>.</summary>
    public double Min { get; private set; } = double.NaN;
    public double Max { get; private set; } = double.NaN;

    public readonly double Mean => _count > 0 ? Sum / _count : double.NaN;

    /// <summary>Of the population (÷ n): 0 for one number.</summary>
    public readonly double StandardDeviation => _count > 0 ? Math.Sqrt(_squaredDeviations / _count) : double.NaN;

    public void Add(double value)
    {
        if (double.IsNaN(value)) return;
        _count++;
        Sum += value;
        Min = _count == 1 ? value : Math.Min(Min, value);
        Max = _count == 1 ? value : Math.Max(Max, value);
        var deviation = value - _runningMean;
        _runningMean += deviation / _count;
        _squaredDeviations += deviation * (value - _runningMean);
    }
}
