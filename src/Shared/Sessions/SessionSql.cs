using System.Globalization;
using System.Text;
using Media.Events;

namespace Media.Sessions;

/// <summary>The cut into sessions and the metrics as Spark SQL, for batch and stream: what <see cref="Sessionizer"/> and <see cref="SessionFold"/> do here.</summary>
/// <remarks>
/// session_window gathers a reader's events up to the gap. They are put in order and a second delivery of an id is dropped; then the cap cuts them, inside
/// one array, since Spark's windows know no longest length. Each piece is a row with its events, of which every column and metric is an expression. Metrics of
/// the session before are left null (<see cref="SessionNumbering"/>).
/// </remarks>
/// <seealso href="https://spark.apache.org/docs/latest/structured-streaming-programming-guide.html#types-of-time-windows">Spark, session windows</seealso>
public static class SessionSql
{
    /// <summary>What the metrics and the context need of an event, by the names of the lake's columns.</summary>
    private static readonly string[] Fields =
    [
        "event_id", "event_type", "brand", "page_url", "referrer", "device_type", "device_os", "browser", "country", "city", "timezone", "subscription_tier", "user_segment",
        "article_id", "category", "scroll_depth", "time_on_page_ms", "read_progress", "is_complete", "watched_s", "ad_slot", "revenue_usd", "clicked_result", "kind", "is_late",
    ];

    /// <summary>Columns that are the first value which an event of the session has.</summary>
    private static readonly string[] Context =
        ["brand", "country", "city", "device_type", "device_os", "browser", "timezone", "subscription_tier", "user_segment", "referrer"];

    /// <summary>The session's events of a kind, and lists of what they name: each level may use the ones before it.</summary>
    private static readonly (string Name, string Sql)[][] Levels =
    [
        [
            ("first_micros", "events[0].micros"),
            ("last_micros", "events[size(events) - 1].micros"),
            ("article_click_events", OfType("article_click")),
            ("article_view_events", OfType("article_view")),
            ("video_play_events", OfType("video_play")),
            ("ad_click_events", OfType("ad_click")),
            ("search_events", OfType("search")),
            ("reaction_events", OfType("reaction")),
            ("engaging_events", "filter(events, e -> e.event_type IN ('article_view', 'video_play'))"),
            ("content_events", "filter(events, e -> e.article_id IS NOT NULL AND e.event_type NOT IN ('article_impression', 'ad_impression'))"),
            ("pages", "array_distinct(filter(transform(events, e -> e.page_url), p -> p IS NOT NULL))"),
            ("brands", "filter(transform(events, e -> e.brand), b -> b IS NOT NULL)"),
        ],
        [
            ("engaged_total_s", Total("engaging_events", "coalesce(e.time_on_page_ms / 1000D, e.watched_s)")),
            ("categories", "filter(transform(content_events, e -> e.category), c -> c IS NOT NULL)"),
        ],
        [
            ("category_counts", "transform(array_distinct(categories), c -> struct(size(filter(categories, other -> other = c)) AS n, c AS category))"),
        ],
    ];

    /// <summary>A query over a view of events that gives sessions with the columns of the lake's table.</summary>
    /// <param name="events">Name of a view with the columns of the lake's events, event_time a timestamp; for a stream with a watermark on it.</param>
    public static string Of(string events, SessionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (gap, cap) = (Micros(options.Gap), Micros(options.Cap));
        var sql = new StringBuilder();
        sql.Append(CultureInfo.InvariantCulture, $"""
            WITH windows AS (
              SELECT user_id, collect_list(struct(event_id AS id, kafka_offset AS delivery, unix_micros(event_time) AS micros, {string.Join(", ", Fields)})) AS delivered
              FROM {events}
              GROUP BY user_id, session_window(event_time, '{gap} microseconds')),
            by_id AS (SELECT user_id, array_sort(delivered) AS delivered FROM windows),
            once AS (SELECT user_id, filter(delivered, (e, i) -> i = 0 OR e.id <> get(delivered, i - 1).id) AS distinct_events FROM by_id),
            ordered AS (
              SELECT user_id, array_sort(transform(distinct_events, e -> struct(e.micros, e.id, {string.Join(", ", Fields.Select(f => $"e.{f}"))}))) AS all_events FROM once),
            starts AS (
              SELECT user_id, all_events, aggregate(all_events, array(all_events[0].micros),
                (starts, e) -> if(e.micros >= element_at(starts, -1) + {cap}, concat(starts, array(e.micros)), starts)) AS starts FROM ordered),
            level_0 AS (
              SELECT user_id, explode(transform(starts, (start, i) -> filter(all_events, e -> e.micros >= start AND (i + 1 >= size(starts) OR e.micros < starts[i + 1])))) AS events FROM starts)
            """);
        for (var level = 0; level < Levels.Length; level++)
            sql.Append(CultureInfo.InvariantCulture, $",\nlevel_{level + 1} AS (\n  SELECT *, {string.Join(",\n    ", Levels[level].Select(c => $"{c.Sql} AS {c.Name}"))}\n  FROM level_{level})");
        // A metric may use those before it: Spark resolves a column's name that the row has not to the alias beside it.
        var columns = new List<string>
        {
            "substring(sha2(concat(user_id, ':', first_micros), 256), 1, 32) AS session_id",
            "user_id",
            "timestamp_micros(first_micros) AS session_start",
            "timestamp_micros(last_micros) AS session_end",
        };
        columns.AddRange(Context.Select(name => $"get(filter(transform(events, e -> e.{name}), v -> v IS NOT NULL), 0) AS {name}"));
        columns.Add("get(content_events, 0).article_id AS landing_article_id");
        columns.Add("get(content_events, size(content_events) - 1).article_id AS exit_article_id");
        columns.Add("array_min(transform(category_counts, c -> struct(-c.n AS n, c.category AS category))).category AS top_category");
        columns.Add(string.Create(CultureInfo.InvariantCulture, $"if(first_micros + {cap} <= last_micros + {gap}, 'cap', 'gap') AS closed_by"));
        columns.AddRange(SessionMetrics.All.Select(m => $"CAST({m.Sql ?? "NULL"} AS {SqlType(m.Type)}) AS {m.Name}"));
        columns.Add("CAST(timestamp_micros(first_micros) AS DATE) AS event_date");
        sql.Append(CultureInfo.InvariantCulture, $"\nSELECT {string.Join(",\n  ", columns)}\nFROM level_{Levels.Length}");
        return sql.ToString();
    }

    internal static string Count(string type) => $"size({OfType(type)})";

    /// <summary>As <see cref="Measure.Total"/>.</summary>
    /// <param name="list">Name of a list of events.</param>
    /// <param name="value">An expression over the event e.</param>
    internal static string Total(string list, string value) => Summed(list, value, $"if(size({list}) = 0 OR m.known > 0, m.sum, NULL)");

    /// <summary>As <see cref="Measure.Mean"/>.</summary>
    internal static string Mean(string list, string value) => Summed(list, value, "m.sum / nullif(m.known, 0)");

    /// <summary>As <see cref="Measure.Max"/>.</summary>
    internal static string Max(string list, string value) => $"array_max(transform({list}, e -> {value}))";

    internal static string Ratio(string numerator, string denominator) => $"CAST({numerator} AS DOUBLE) / nullif({denominator}, 0)";

    internal static string PerMinute(string amount) => Ratio(amount, "duration_s / 60");

    internal static string SecondsTo(string list) => $"(get({list}, 0).micros - first_micros) / 1e6D";

    internal static string InSlot(AdSlot slot) => Total("ad_click_events", $"CAST(e.ad_slot = '{Vocabulary<AdSlot>.Name(slot)}' AS DOUBLE)");

    internal static string OfKind(ReactionKind kind) => Total("reaction_events", $"CAST(e.kind = '{Vocabulary<ReactionKind>.Name(kind)}' AS DOUBLE)");

    private static string OfType(string type) => $"filter(events, e -> e.event_type = '{type}')";

    private static string Summed(string list, string value, string finish) =>
        $"aggregate({list}, named_struct('known', 0, 'sum', 0D), (m, e) -> if({value} IS NULL, m, named_struct('known', m.known + 1, 'sum', m.sum + {value})), m -> {finish})";

    private static string SqlType(MetricType type) => type switch
    {
        MetricType.Whole => "BIGINT",
        MetricType.Flag => "BOOLEAN",
        _ => "DOUBLE",
    };

    private static long Micros(TimeSpan time) => (long)time.TotalMicroseconds;
}
