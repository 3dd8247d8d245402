using static Media.Models.NextReads.Candidate;

namespace Media.Models.NextReads;

/// <summary>The features of an article before a reader, one line each: how fresh and sought after it is, whom it drew, who the reader is, and what both have to do with each other.</summary>
internal static class CandidateFeatures
{
    // Ages at which nobody was seen have a share of 0.
    private const double LeastShare = 1e-4;

    private const int Hour6 = 6, Day = 24, TwoDays = 48, Week = 168;

    private static readonly Column[] Freshness =
    [
        new("first_readings_2h", o => o.Article.FirstReadings.At(o.Now, 0)),
        new("first_readings_6h", o => o.Article.FirstReadings.At(o.Now, 1)),
        new("first_readings_12h", o => o.Article.FirstReadings.At(o.Now, 2)),
        new("first_readings_1d", o => o.Article.FirstReadings.At(o.Now, 3)),
        new("first_readings_2d", o => o.Article.FirstReadings.At(o.Now, 4)),
        new("first_readings_7d", o => o.Article.FirstReadings.At(o.Now, 5)),
        new("first_readings_30d", o => o.Article.FirstReadings.At(o.Now, 6)),
        new("events_2h", o => o.Article.Acts.At(o.Now, 0)),
        new("events_12h", o => o.Article.Acts.At(o.Now, 2)),
        new("events_2d", o => o.Article.Acts.At(o.Now, 4)),
        new("readers", o => o.Article.Readers.Count),
        new("readers_in_6h", o => ReadersIn(o, Hour6)),
        new("readers_in_1d", o => ReadersIn(o, Day)),
        new("readers_in_2d", o => ReadersIn(o, TwoDays)),
        new("readers_in_7d", o => ReadersIn(o, Week)),
        new("events_per_reader", o => Ratio(o.Article.Events, o.Article.Readers.Count)),
        new("reactions_1d", o => o.Article.Reactions.At(o.Now, 3)),
        new("reactions_7d", o => o.Article.Reactions.At(o.Now, 5)),
        new("age_h", o => Hours(o.Now - o.Article.FirstMicros)),
        new("hours_since_event", o => Hours(o.Now - o.Article.LastMicros)),
        new("first_weekday", o => Weekday(o.Article.FirstMicros)),
        new("first_hour", o => Math.Floor(Hours(o.Article.FirstMicros)) % 24),
        new("share_of_active_readers", o => Ratio(o.ActiveWhoRead, o.ActiveReaders)),
        new("place_by_age", o => Place(o.Ages, o.Article.FirstMicros)),
        new("place_by_first_readings_6h", o => Place(o.Popularities[0], o.Article.FirstReadings.At(o.Now, 1))),
        new("place_by_first_readings_1d", o => Place(o.Popularities[1], o.Article.FirstReadings.At(o.Now, 3))),
        new("place_by_first_readings_7d", o => Place(o.Popularities[2], o.Article.FirstReadings.At(o.Now, 5))),
        new("first_readings_6h_of_most", o => OfGreatest(o.Popularities[0], o.Article.FirstReadings.At(o.Now, 1))),
        new("first_readings_1d_of_most", o => OfGreatest(o.Popularities[1], o.Article.FirstReadings.At(o.Now, 3))),
        new("first_readings_7d_of_most", o => OfGreatest(o.Popularities[2], o.Article.FirstReadings.At(o.Now, 5))),
    ];

    private static readonly Column[] Taste =
    [
        new("liked_by_similar", o => o.Liked),
        new("liked_by_similar_ever", o => o.LikedEver),
        new("liked_by_similar_mean", o => Ratio(o.Liked, o.Article.Readers.Count)),
        new("liked_by_similar_ever_mean", o => Ratio(o.LikedEver, o.Article.Readers.Count)),
        new("liked_by_most_similar", o => o.MostLiked),
        new("place_by_similar", o => Place(o.Likings, o.Liked)),
        new("read_by_followed", o => o.FollowedSum),
        new("read_by_followed_mean", o => Ratio(o.FollowedSum, o.Article.Readers.Count)),
        new("read_by_most_followed", o => o.MostFollowed),
        new("factor_score", o => o.FactorScore),
        new("place_by_factor_score", o => Place(o.FactorScores, o.FactorScore)),
        new("category_share", o => TopicShare(o, brandOnly: false)),
        new("content_likeness", o => o.ContentLikeness),
        new("brand_share", o => TopicShare(o, brandOnly: true)),
    ];

    /// <summary>What offers foretell, NaN where the data has none.</summary>
    private static readonly Column[] Offering =
    [
        new("log_usual_share_1d", o => o.Outlook is { } l ? Math.Log(LeastShare + l.Article.UsualShare) : double.NaN),
        new("log_expected_share_1d", o => o.Outlook is { } l ? Math.Log(LeastShare + l.Article.Share) : double.NaN),
        new("log_attention_level", o => o.Outlook is { } l ? Math.Log(l.Article.Level) : double.NaN),
        new("log_attention_recent", o => o.Outlook is { } l ? Math.Log(l.Article.Recent) : double.NaN),
        new("log_click_ratio", o => o.Outlook is { } l ? Math.Log(l.Article.ClickRatio) : double.NaN),
        new("click_log_odds", o => o.Outlook?.ClickLogOdds ?? double.NaN),
        new("article_click_effect", o => o.Outlook?.Known.ArticleEffects.Click ?? double.NaN),
        new("reader_click_effect", o => o.Outlook?.Known.ReaderEffects.Click ?? double.NaN),
        new("reader_category_click_effect", o => o.Outlook?.Known.TasteEffects.Click ?? double.NaN),
        new("reader_time_effect", o => o.Outlook?.Known.ReaderEffects.Time ?? double.NaN),
    ];

    private static readonly Column[] FirstReader =
    [
        new("first_reader_read", o => o.FirstReader is null ? double.NaN : o.Reader.ByFirstReader.GetValueOrDefault(o.Article.FirstReader)),
        new("first_reader_read_share", FirstReaderShare),
        new("first_reader_similarity", o => o.FirstReader is null ? double.NaN : o.All[o.Article.FirstReader]),
        new("first_reader_usual_readers", FirstReaderUsualReaders),
        new("first_reader_articles", o => o.FirstReader is null ? double.NaN : o.State.FirstBy[o.Article.FirstReader]!.Count - 1),
        new("first_reader_idle_h", o => o.FirstReader is { } first ? Hours(o.Now - first.LastMicros) : double.NaN),
    ];

    private static readonly Column[] Reader =
    [
        new("reader_idle_h", o => o.Reader.Events.Count == 0 ? double.NaN : Hours(o.Now - o.Reader.LastMicros)),
        new("reader_idle_days", o => o.Reader.Days.Count == 0 ? double.NaN : Math.Floor(DaysOf(o.Now)) - o.Reader.Days[^1]),
        new("reader_events_1d", o => ReadingState.CountSince(o.Reader.Events, o.Now - ReadingState.DayMicros)),
        new("reader_events_7d", o => ReadingState.CountSince(o.Reader.Events, o.Now - 7 * ReadingState.DayMicros)),
        new("reader_articles", o => o.Reader.Articles.Count),
        new("reader_days", o => o.Reader.Days.Count),
        new("reader_days_between_visits", o => Ratio(DaysOf(o.Reader.LastMicros - o.Reader.FirstMicros), o.Reader.Days.Count)),
        new("reader_usual_log_age", o => Ratio(o.Reader.LogAgeSum, o.Reader.Aged)),
        new("reader_young_share", o => Ratio(o.Reader.Young, o.Reader.Aged)),
        new("reader_old_share", o => Ratio(o.Reader.Old, o.Reader.Aged)),
        new("unread_of_1d", o => o.UnreadWithin[0]),
        new("unread_of_3d", o => o.UnreadWithin[1]),
        new("unread_of_7d", o => o.UnreadWithin[2]),
        new("weekday", o => Weekday(o.Now)),
    ];

    private static readonly Column[] Chance =
    [
        new("out_before_last_visit_h", o => o.Reader.Events.Count == 0 ? double.NaN : Hours(o.Reader.LastMicros - o.Article.FirstMicros)),
        new("visit_days_since_out", DaysSinceOut),
        new("reader_events_since_out", o => ReadingState.CountSince(o.Reader.Events, o.Article.FirstMicros)),
        new("offers_unread", o => o.Reader.Offers.GetValueOrDefault(o.ArticleIndex)),
        new("age_over_usual_log", o => Math.Log(1 + Hours(o.Now - o.Article.FirstMicros)) - Ratio(o.Reader.LogAgeSum, o.Reader.Aged)),
    ];

    private static readonly Column[] All = [.. Freshness, .. Taste, .. Offering, .. FirstReader, .. Reader, .. Chance];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(c => c.Name)];

    private static readonly Dictionary<string, int> Positions = Names.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i, StringComparer.Ordinal);

    /// <summary>Features that order articles the same way for every reader, with the sign by which more is better: popularities that forget at different speeds, and age.</summary>
    public static IReadOnlyList<(string Name, int Sign)> PlainOrders { get; } =
        [.. new[] { "first_readings_2h", "first_readings_6h", "first_readings_12h", "first_readings_1d", "first_readings_2d", "first_readings_7d", "first_readings_30d" }.Select(name => (name, 1)), ("age_h", -1)];

    /// <summary>A feature's place in a row.</summary>
    public static int ColumnOf(string name) => Positions[name];

    /// <summary>What is left out together to see what it was worth.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Groups { get; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    {
        ["freshness"] = [.. Freshness.Select(c => c.Name)],
        ["taste"] = [.. Taste.Select(c => c.Name)],
        ["offering"] = [.. Offering.Select(c => c.Name)],
        ["first_reader"] = [.. FirstReader.Select(c => c.Name)],
        ["reader"] = [.. Reader.Select(c => c.Name)],
        ["chance"] = [.. Chance.Select(c => c.Name)],
    };

    public static void Fill(Candidate candidate, Span<float> row)
    {
        for (var c = 0; c < All.Length; c++) row[c] = (float)All[c].Of(candidate);
    }

    private static double ReadersIn(Candidate o, int hours) => ReadingState.CountSince(o.Article.Readers, o.Now - hours * ReadingState.HourMicros);

    /// <summary>0 = Monday.</summary>
    private static double Weekday(long micros) => ((Math.Floor(DaysOf(micros)) + 3) % 7 + 7) % 7;

    private static double TopicShare(Candidate o, bool brandOnly)
    {
        if (o.ArticleIndex < 0 || o.Reader.Articles.Count == 0) return double.NaN;
        var article = o.State.Log.Articles[o.ArticleIndex];
        var key = brandOnly ? article.Brand : article.Category is { } category ? ReadingState.CategoryKey(article.Brand, category) : null;
        return key is null ? double.NaN : (double)o.Reader.Topics.GetValueOrDefault(key) / o.Reader.Articles.Count;
    }

    /// <summary>Of the articles that this first reader brought while the reader was there (or a week before): the share that the reader took up.</summary>
    private static double FirstReaderShare(Candidate o)
    {
        if (o.FirstReader is null) return double.NaN;
        var there = 0;
        foreach (var article in o.State.FirstBy[o.Article.FirstReader]!)
            if (article != o.ArticleIndex && o.State.Articles[article]!.FirstMicros >= o.Reader.FirstMicros - 7 * ReadingState.DayMicros) there++;
        return Ratio(o.Reader.ByFirstReader.GetValueOrDefault(o.Article.FirstReader), there);
    }

    private static double FirstReaderUsualReaders(Candidate o)
    {
        if (o.FirstReader is null) return double.NaN;
        var (readers, articles) = (0, 0);
        foreach (var article in o.State.FirstBy[o.Article.FirstReader]!)
        {
            if (article == o.ArticleIndex) continue;
            readers += o.State.Articles[article]!.Readers.Count;
            articles++;
        }
        return Ratio(readers, articles);
    }

    private static double DaysSinceOut(Candidate o)
    {
        var day = (int)Math.Floor(DaysOf(o.Article.FirstMicros));
        var days = 0;
        while (days < o.Reader.Days.Count && o.Reader.Days[o.Reader.Days.Count - 1 - days] > day) days++;
        return days;
    }

    private sealed record Column(string Name, Func<Candidate, double> Of);
}
