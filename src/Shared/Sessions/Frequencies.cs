namespace Media.Sessions;

/// <summary>How often each of a few texts came.</summary>
/// <remarks>Not thread-safe. A visit or a reader has few distinct brands or categories, so a short list is searched before an index is kept.</remarks>
public sealed class Frequencies
{
    private const int Short = 16;

    private string[] _texts = new string[Short];
    private int[] _counts = new int[Short];
    private Dictionary<string, int>? _index;

    /// <summary>Distinct texts.</summary>
    public int Distinct { get; private set; }

    /// <summary>All texts, counted as often as they came.</summary>
    public int Total { get; private set; }

    /// <summary>How often the most frequent text came; 0 when none did.</summary>
    public int Highest { get; private set; }

    public void Add(string text)
    {
        var at = Find(text);
        if (at < 0) at = Append(text);
        Total++;
        Highest = Math.Max(Highest, ++_counts[at]);
    }

    public int CountOf(string text) => Find(text) is >= 0 and var at ? _counts[at] : 0;

    /// <summary>The most frequent text; of several the first in ordinal order; null when none came.</summary>
    public string? MostFrequent
    {
        get
        {
            string? best = null;
            for (var i = 0; i < Distinct; i++)
                if (_counts[i] == Highest && (best is null || string.CompareOrdinal(_texts[i], best) < 0)) best = _texts[i];
            return best;
        }
    }

    /// <summary>−Σ p ln p in nats, ≥ 0; NaN when none came.</summary>
    public double Entropy
    {
        get
        {
            if (Total == 0) return double.NaN;
            if (Distinct == 1) return 0;
            var sum = 0d;
            for (var i = 0; i < Distinct; i++)
            {
                var p = (double)_counts[i] / Total;
                sum -= p * Math.Log(p);
            }
            return sum;
        }
    }

    public void Clear()
    {
        if (Distinct == 0) return;
        if (_index is not null)
        {
            // One giant visit must not make every later one pay for its room.
            _index = null;
            _texts = new string[Short];
            _counts = new int[Short];
        }
        else
        {
            Array.Clear(_texts, 0, Distinct);
        }
        (Distinct, Total, Highest) = (0, 0, 0);
    }

    private int Find(string text)
    {
        if (_index is not null) return _index.GetValueOrDefault(text, -1);
        for (var i = 0; i < Distinct; i++)
            if (string.Equals(_texts[i], text)) return i;
        return -1;
    }

    private int Append(string text)
    {
        if (Distinct == _texts.Length)
        {
            Array.Resize(ref _texts, 2 * Distinct);
            Array.Resize(ref _counts, 2 * Distinct);
        }
        if (Distinct == Short && _index is null)
        {
            _index = new Dictionary<string, int>(2 * Short, StringComparer.Ordinal);
            for (var i = 0; i < Distinct; i++) _index.Add(_texts[i], i);
        }
        _index?.Add(text, Distinct);
        _texts[Distinct] = text;
        _counts[Distinct] = 0;
        return Distinct++;
    }
}
