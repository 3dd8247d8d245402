namespace Media.Features.Articles;

/// <summary>Counts by whole hour since the Unix epoch, from some hour on; hours not counted yet are 0.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class HourlyCounts(long firstHour)
{
    private int[] _counts = [];

    public long FirstHour => firstHour;

    public int this[long hour] => hour - firstHour is >= 0 and var i && i < _counts.Length ? _counts[i] : 0;

    public void Add(long hour)
    {
        var i = (int)(hour - firstHour);
        if (i >= _counts.Length) Array.Resize(ref _counts, Math.Max(i + 1, _counts.Length * 2));
        _counts[i]++;
    }

    /// <summary>Sum over [from, to).</summary>
    public int Sum(long from, long to)
    {
        var sum = 0;
        for (var hour = Math.Max(from, firstHour); hour < Math.Min(to, firstHour + _counts.Length); hour++) sum += _counts[hour - firstHour];
        return sum;
    }
}
