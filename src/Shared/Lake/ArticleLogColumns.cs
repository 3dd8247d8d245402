using Apache.Arrow;
using Media.Events;
using Media.Features;

namespace Media.Lake;

/// <summary>The columns of <see cref="Tables.Events"/> that an <see cref="ArticleLog"/> is made of. Pure, thread-safe.</summary>
public static class ArticleLogColumns
{
    /// <summary>The columns to read.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "event_id", "event_type", "event_time", "user_id", "brand", "article_id", "category", "article_title", "article_type", "published_at", "word_count",
        "surface", "position", "time_on_page_ms", "watched_s",
    ];

    /// <summary>Adds a batch's events about articles.</summary>
    /// <exception cref="InvalidDataException">It is no batch of events.</exception>
    public static void Read(RecordBatch batch, ArticleLog.Gathering into)
    {
        var reader = new BatchReader(batch);
        TextReader id = reader.Text("event_id"), type = reader.Text("event_type"), user = reader.Text("user_id"), brand = reader.Text("brand"), article = reader.Text("article_id"),
            category = reader.Text("category"), title = reader.Text("article_title"), articleType = reader.Text("article_type"), surface = reader.Text("surface");
        ValueReader<long> time = reader.Times("event_time"), published = reader.Times("published_at"), onPage = reader.Longs("time_on_page_ms");
        ValueReader<int> words = reader.Integers("word_count"), position = reader.Integers("position");
        var watched = reader.Doubles("watched_s");
        for (var row = 0; row < batch.Length; row++)
        {
            if (article[row] is not { } articleId || ActOf(type.NeedWord<EventType>(row)) is not { } act) continue;
            into.Add(time.Need(row), new EventId(id.NeedGuid(row)), user.Need(row), brand[row],
                new Article(articleId, category[row], title[row], articleType[row], published[row], words[row]), act, surface.Word<Surface>(row), position[row],
                act switch { ArticleAct.View => onPage[row] / 1000.0, ArticleAct.VideoPlay => watched[row], _ => null });
        }
    }

    private static ArticleAct? ActOf(EventType type) => type switch
    {
        EventType.ArticleImpression => ArticleAct.Impression,
        EventType.ArticleClick => ArticleAct.Click,
        EventType.ArticleView => ArticleAct.View,
        EventType.VideoPlay => ArticleAct.VideoPlay,
        EventType.Reaction => ArticleAct.Reaction,
        _ => null,
    };
}
