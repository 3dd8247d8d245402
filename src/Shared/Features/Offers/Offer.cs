using Media.Events;

namespace Media.Features.Offers;

// Offers: what readers made of the articles they were shown, learnt event by event.
//   OpenOffers.cs finds pages of offers in the article log and waits for each offer's outcome (step 1) → Offer.cs, this file
//   → ReadingBelief.cs: what clicks and reading times say about readers, articles and the two together, as one fold over the log (step 2),
//     made of EffectPair.cs and SharedEffect.cs → ReadingFeature.cs and ReadingRows.cs: the columns of a row, read from the belief as of its instant (step 3).
//   TitleForm.cs tells a question from a number.

/// <summary>An article on a page that a reader was shown, with what came of it.</summary>
/// <param name="PageMicros">Time of the page's first offer, µs since the Unix epoch, UTC.</param>
/// <param name="TimeMicros">Time of this offer, µs since the Unix epoch, UTC.</param>
/// <param name="Reader">Index into <see cref="ArticleLog.Readers"/>.</param>
/// <param name="Article">Index into <see cref="ArticleLog.Articles"/>.</param>
/// <param name="Title">Index into <see cref="ArticleLog.Titles"/>; −1 = none.</param>
/// <param name="Position">0 = first; −1 = none.</param>
/// <param name="Clicked">The reader clicked the article within <see cref="Window"/> after the offer, and was not offered it again before the click.</param>
public readonly record struct Offer(long PageMicros, long TimeMicros, int Reader, int Article, int Title, Surface? Surface, short Position, bool Clicked)
{
    /// <summary>How long a click counts for an offer: 30 min, as long as a visit may pause.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(30);

    internal static readonly long WindowMicros = EpochMicros.Of(Window);

    /// <summary>When its outcome is known: µs since the Unix epoch, UTC.</summary>
    public long DueMicros => TimeMicros + WindowMicros;

    /// <summary>Every offer of a log whose outcome the log holds whole, in the order of their times.</summary>
    /// <param name="untilMicros">The log is complete before this instant, µs since the Unix epoch, UTC.</param>
    public static List<Offer> Of(ArticleLog log, long untilMicros)
    {
        var offers = new List<Offer>();
        var open = new OpenOffers();
        foreach (ref readonly var e in log.Events[..log.IndexAt(untilMicros)])
        {
            while (open.TryClose(e.TimeMicros, out var offer)) offers.Add(offer);
            open.Add(e);
        }
        while (open.TryClose(untilMicros, out var offer)) offers.Add(offer);
        return offers;
    }
}
