using Media.Features;
using Media.Sessions;

namespace Media.Lake;

/// <summary>Every table of the lake: columns, units, partitions. A table's name is its key prefix in the store.</summary>
/// <remarks>Times are µs since the Unix epoch, UTC. Dates are UTC days. Add columns; rename none.</remarks>
public static class Tables
{
    /// <summary>Everything readers did, as it came: one row per event, columns of other event types null.</summary>
    public static TableSchema Events { get; } = new(
        "events",
        [
            // Envelope
            Required("event_id", ColumnTypes.String), Required("event_type", ColumnTypes.String), Required("event_time", ColumnTypes.Timestamp),
            Required("user_id", ColumnTypes.String), Text("client_session_id"), Text("brand"), Text("page_url"), Text("referrer"), Text("device_type"),
            Text("device_os"), Text("browser"), Text("country", "ISO 3166 alpha-2, or EU"), Text("city"), Text("timezone", "IANA name"), Text("subscription_tier"),
            Text("user_segment"), Required("schema_version", ColumnTypes.Integer),
            // The article meant
            Text("article_id"), Text("category"), Text("article_title"), Text("article_type"), new("published_at", ColumnTypes.Timestamp),
            new("word_count", ColumnTypes.Integer, Unit: "words"),
            // Articles offered, clicked, read
            new("position", ColumnTypes.Integer, Unit: "0 = first"), Text("surface"), Text("decision_id"), new("scroll_depth", ColumnTypes.Double, Unit: "%"),
            new("time_on_page_ms", ColumnTypes.Long, Unit: "ms"), new("read_progress", ColumnTypes.Double, Unit: "%"), new("is_complete", ColumnTypes.Boolean),
            // Videos
            Text("video_id"), new("video_duration_s", ColumnTypes.Double, Unit: "s"), new("watched_s", ColumnTypes.Double, Unit: "s"),
            new("playback_rate", ColumnTypes.Double, Unit: "ratio"),
            // Ads
            Text("ad_slot"), Text("ad_category"), new("propensity", ColumnTypes.Double, Unit: "probability"), new("revenue_usd", ColumnTypes.Double, Unit: "USD"),
            // Searching, moving about, reacting, subscribing
            Text("query"), new("results_count", ColumnTypes.Integer, Unit: "results"), new("clicked_result", ColumnTypes.Boolean), Text("to_page"), Text("kind"),
            Text("prompt_type"), Text("newsletter_type"), Text("tier"),
            // The client's hint of a session's end
            new("total_duration_s", ColumnTypes.Double, Unit: "s"), new("total_events", ColumnTypes.Integer, Unit: "events"),
            // What this version does not know, and where the event came from
            Text("extra_json", "JSON object"), Required("kafka_partition", ColumnTypes.Integer), Required("kafka_offset", ColumnTypes.Long),
            Required("is_late", ColumnTypes.Boolean, "later than the allowed lateness"), Required("event_date", ColumnTypes.Date, "day of event_time"),
        ],
        "event_date");

    /// <summary>Records that are no events, whole, with the reason.</summary>
    public static TableSchema BadEvents { get; } = new(
        "bad_events",
        [
            Required("reason", ColumnTypes.String), Text("field"), Required("raw", ColumnTypes.Binary, "bytes as received"),
            Required("received_at", ColumnTypes.Timestamp), Required("kafka_partition", ColumnTypes.Integer, "-1 = not from Kafka"),
            Required("kafka_offset", ColumnTypes.Long, "-1 = not from Kafka"), Required("received_date", ColumnTypes.Date, "day of received_at"),
        ],
        "received_date");

    /// <summary>Closed visits: context and the 64 metrics.</summary>
    public static TableSchema Sessions { get; } = new(
        "sessions",
        [
            Required("session_id", ColumnTypes.String), Required("user_id", ColumnTypes.String), Required("session_start", ColumnTypes.Timestamp),
            Required("session_end", ColumnTypes.Timestamp), Text("brand"), Text("country", "ISO 3166 alpha-2, or EU"), Text("city"), Text("device_type"),
            Text("device_os"), Text("browser"), Text("timezone", "IANA name"), Text("subscription_tier"), Text("user_segment"), Text("referrer"),
            Text("landing_article_id"), Text("exit_article_id"), Text("top_category"), Required("closed_by", ColumnTypes.String),
            .. SessionMetrics.All.Select(m => new Column(m.Name, TypeOf(m.Type), Unit: m.Unit)),
            Required("event_date", ColumnTypes.Date, "day of session_start"),
        ],
        "event_date");

    /// <summary>The 59 features of each reader, as of each instant asked for.</summary>
    public static TableSchema Features { get; } = new(
        "features",
        [
            Required("user_id", ColumnTypes.String), Required("as_of", ColumnTypes.Timestamp), Required("latest_event", ColumnTypes.Timestamp, "newest event behind the row"),
            .. FeatureCatalog.All.Select(f => new Column(f.Name, ColumnTypes.Float, Unit: f.Unit)),
            Required("as_of_date", ColumnTypes.Date, "day of as_of"),
        ],
        "as_of_date");

    /// <summary>What the models said of each reader.</summary>
    public static TableSchema Predictions { get; } = new(
        "predictions",
        [
            Required("model", ColumnTypes.String), Required("model_version", ColumnTypes.String), Required("user_id", ColumnTypes.String),
            Required("as_of", ColumnTypes.Timestamp), Required("output", ColumnTypes.Integer, "0 = the model's first number"), Required("score", ColumnTypes.Double),
            Required("scored_at", ColumnTypes.Timestamp), Required("as_of_date", ColumnTypes.Date, "day of as_of"),
        ],
        "as_of_date");

    /// <summary>What to do about it: whom to win back or make an offer, what editors should look at, each with its reasons.</summary>
    public static TableSchema Actions { get; } = new(
        "actions",
        [
            Required("kind", ColumnTypes.String, "win_back, offer, trending, under_performing or headline"), Text("user_id"), Text("article_id", "the article to show, or the one that editors should look at"),
            Required("suggestion", ColumnTypes.String), new("score", ColumnTypes.Double, Unit: "as the kind says: a probability, expected views, or the expected factor of the click rate"),
            Text("reason_1"), Text("reason_2"), Text("reason_3"), Required("models", ColumnTypes.String, "names and versions that it rests on"),
            Required("as_of", ColumnTypes.Timestamp), Required("suggested_at", ColumnTypes.Timestamp), Required("as_of_date", ColumnTypes.Date, "day of as_of"),
        ],
        "as_of_date");

    /// <summary>Counts that must add up and other figures of each run.</summary>
    public static TableSchema Quality { get; } = new(
        "quality",
        [
            Required("run_id", ColumnTypes.String), Required("step", ColumnTypes.String), Required("metric", ColumnTypes.String), new("value", ColumnTypes.Double),
            Text("unit"), Required("measured_at", ColumnTypes.Timestamp), Required("measured_date", ColumnTypes.Date, "day of measured_at"),
        ],
        "measured_date");

    /// <summary>Choices that the API made, each with its propensity.</summary>
    public static TableSchema Decisions { get; } = new("decisions", [.. DecisionColumns(), Required("event_date", ColumnTypes.Date, "day of decided_at")], "event_date");

    /// <summary>Every decision again, with its one and final reward. A reader that meets a decision_id twice takes the first.</summary>
    public static TableSchema Rewards { get; } = new(
        "rewards",
        [
            .. DecisionColumns(), Required("clicked", ColumnTypes.Boolean), Required("revenue_usd", ColumnTypes.Double, "USD"), Required("recorded_at", ColumnTypes.Timestamp),
            Required("event_date", ColumnTypes.Date, "day of decided_at"),
        ],
        "event_date");

    public static IReadOnlyList<TableSchema> All { get; } = [Events, BadEvents, Sessions, Features, Predictions, Actions, Quality, Decisions, Rewards];

    private static Column[] DecisionColumns() =>
    [
        Required("decision_id", ColumnTypes.String), Required("bandit", ColumnTypes.String), Required("user_id", ColumnTypes.String), Required("arm", ColumnTypes.String),
        Required("propensity", ColumnTypes.Double, "probability"), Required("policy_version", ColumnTypes.String), Required("decided_at", ColumnTypes.Timestamp),
        Text("context"),
    ];

    private static Column Required(string name, Apache.Arrow.Types.IArrowType type, string? unit = null) => new(name, type, Nullable: false, unit);

    private static Column Text(string name, string? unit = null) => new(name, ColumnTypes.String, Unit: unit);

    private static Apache.Arrow.Types.IArrowType TypeOf(MetricType type) => type switch
    {
        MetricType.Whole => ColumnTypes.Long,
        MetricType.Flag => ColumnTypes.Boolean,
        _ => ColumnTypes.Double,
    };
}
