using System.Runtime.InteropServices;
using Media.Models.Text;
using Media.Recommendation;

namespace Media.Models.NextReads;

/// <summary>What articles are about, by the titles and categories known at an instant, and how that suits a reader.</summary>
/// <remarks>Depends on the articles that are out alone. Moves on with the state. Not thread-safe.</remarks>
internal sealed class ReadingContent(ReadingState state)
{
    private const double DecayDays = 30;
    private const int ReadingsLookedAt = 100;

    private long _micros = long.MinValue;
    private ContentSimilarity? _content;
    private float[] _profile = [];
    private double _length;

    /// <summary>Turns to a reader at the state's instant.</summary>
    public void TurnTo(ReaderTrace reader)
    {
        Refresh();
        _length = 0;
        if (_content is null) return;
        // An article's readings are one each, so columns are distinct.
        var history = CollectionsMarshal.AsSpan(reader.Articles)[Math.Max(0, reader.Articles.Count - ReadingsLookedAt)..].ToArray();
        Array.Sort(history, (a, b) => a.Of.CompareTo(b.Of));
        _profile = _content.ProfileOf(new SparseRow([.. history.Select(r => r.Of)], [.. history.Select(r => (float)Math.Exp((r.Micros - state.NowMicros) / (double)ReadingState.DayMicros / DecayDays))]));
        foreach (var weight in _profile) _length += weight * weight;
        _length = Math.Sqrt(_length);
    }

    /// <summary>Cosine of the article and what the reader turned to has read lately, in [0, 1]; NaN where one of both says nothing.</summary>
    /// <param name="article">Index into the log's articles; −1 for one that the log does not know.</param>
    public double LikenessTo(int article) => _content is null || _length == 0 || article < 0 || !IsKnown(article) ? double.NaN : _content.Score(_profile, article) / _length;

    /// <summary>Cosine of two articles that are out, in [0, 1]; 0 where one of both says nothing.</summary>
    public double Likeness(int one, int other)
    {
        Refresh();
        return _content?.Cosine(one, other) ?? 0;
    }

    private bool IsKnown(int article) => state.Articles[article] is not null && (state.LatestTitle[article] >= 0 || state.Log.Articles[article].Category is not null);

    private void Refresh()
    {
        if (_micros == state.NowMicros) return;
        _micros = state.NowMicros;
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var cells = new List<Interaction>();
        foreach (var article in state.Known)
            foreach (var term in ArticleTerms.Of(state.LatestTitle[article] is >= 0 and var title ? state.Log.Titles[title] : null, state.Log.Articles[article].Category))
            {
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, term, out var seen);
                if (!seen) number = numbers.Count - 1;
                cells.Add(new Interaction(article, number, 1));
            }
        _content = cells.Count == 0 ? null : ContentSimilarity.Fit(SparseMatrix.From(state.Articles.Length, numbers.Count, [.. cells]));
    }
}
