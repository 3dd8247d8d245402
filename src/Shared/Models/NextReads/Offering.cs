using Media.Features.Articles;
using Media.Features.Offers;

namespace Media.Models.NextReads;

/// <summary>What the offers so far foretell: how much an article will be shown, and how gladly a reader clicks it.</summary>
/// <remarks>Nothing where the data has no offers. Moves on with the state. Not thread-safe.</remarks>
internal sealed class Offering(ReadingState state)
{
    private const int HoursAhead = 24;

    private long _micros = long.MinValue;
    private ArticleTraffic? _traffic;
    private ReadingBelief? _belief;
    private int _reader;

    /// <summary>Turns to a reader at the state's instant.</summary>
    /// <param name="reader">Index into the log's readers; −1 for one whom the log does not know.</param>
    public void TurnTo(int reader)
    {
        _reader = reader;
        if (!state.HasOffers || _micros == state.NowMicros) return;
        _micros = state.NowMicros;
        _traffic ??= new ArticleTraffic(state.Log, _micros);
        _traffic.Advance(_micros);
        _belief = ReadingBelief.AsOf(state.Log, _micros);
    }

    /// <summary>What is foretold of an article and the reader turned to; null where the data has no offers, or none of the article is known.</summary>
    /// <param name="article">Index into the log's articles, already seen; −1 for one that the log does not know.</param>
    public OfferingOutlook? Of(int article)
    {
        if (_traffic is null || _belief is null || article < 0) return null;
        var known = _belief.Of(_reader, article);
        var form = state.LatestTitle[article] is >= 0 and var title ? TitleForm.Of(state.Log.Titles[title]) : default;
        return new OfferingOutlook(_traffic.Ahead(article, _micros, HoursAhead), known, _belief.ClickLogOdds(known, form));
    }
}

/// <summary>What offers foretell of an article before a reader.</summary>
/// <param name="ClickLogOdds">Of an offer, without what position and surface add.</param>
internal sealed record OfferingOutlook(ArticleOutlook Article, Acquaintance Known, double ClickLogOdds);
