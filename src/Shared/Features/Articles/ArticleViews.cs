namespace Media.Features.Articles;

/// <summary>When each article was viewed or played: what labels count.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed class ArticleViews
{
    private readonly long[][] _times;

    public ArticleViews(ArticleLog log)
    {
        var times = new List<long>[log.Articles.Count];
        foreach (var e in log.Events)
            if (e.Act is ArticleAct.View or ArticleAct.VideoPlay) (times[e.Article] ??= []).Add(e.TimeMicros);
        _times = [.. times.Select(t => t?.ToArray() ?? [])];
    }

    /// <summary>Views and video plays of an article in [from, to).</summary>
    /// <param name="article">Index into the log's articles.</param>
    /// <param name="fromMicros">µs since the Unix epoch, UTC.</param>
    /// <param name="toMicros">µs since the Unix epoch, UTC.</param>
    public int Between(int article, long fromMicros, long toMicros) => Before(_times[article], toMicros) - Before(_times[article], fromMicros);

    private static int Before(long[] times, long micros)
    {
        var (low, high) = (0, times.Length);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (times[middle] < micros) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
