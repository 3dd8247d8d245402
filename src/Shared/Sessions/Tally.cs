namespace Media.Sessions;

/// <summary>Events of a kind counted by a choice that they may carry (an ad's slot, a reaction's kind).</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="choices">How many choices there are; they are numbered from 0.</param>
public sealed class Tally(int choices)
{
    private readonly int[] _counts = new int[choices];
    private int _events;
    private int _known;

    public void Add(int? choice)
    {
        _events++;
        if (choice is not { } known) return;
        _known++;
        _counts[known]++;
    }

    /// <summary>Events with this choice; 0 when no such event happened, NaN when some did and none says its choice.</summary>
    public double this[int choice] => _known > 0 || _events == 0 ? _counts[choice] : double.NaN;

    public void Clear()
    {
        if (_events == 0) return;
        (_events, _known) = (0, 0);
        Array.Clear(_counts);
    }
}
