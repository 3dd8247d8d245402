namespace Media.Sessions;

/// <summary>One number that events of a kind may carry, summed up: how many happened, how many carry it, their sum and maximum.</summary>
/// <remarks>Keeps "happened without the number" apart from "did not happen", so that an absent field never reads as 0.</remarks>
public struct Measure
{
    private int _events;
    private int _known;
    private double _sum;
    private double _max;

    public void Add(double? value)
    {
        _events++;
        if (value is not { } known) return;
        _max = _known == 0 ? known : Math.Max(_max, known);
        _known++;
        _sum += known;
    }

    public void Add(bool? value) => Add(value is { } known ? known ? 1d : 0d : null);

    /// <summary>The sum; 0 when no such event happened, NaN when some did and none carries the number.</summary>
    public readonly double Total => _known > 0 || _events == 0 ? _sum : double.NaN;

    /// <summary>Mean over the events that carry the number; NaN when none does.</summary>
    public readonly double Mean => SessionFold.Ratio(_sum, _known);

    /// <summary>Greatest; NaN when no event carries the number.</summary>
    public readonly double Max => _known > 0 ? _max : double.NaN;
}
