using System.Globalization;
using System.Text;

namespace Media.Events;

/// <summary>The reading of events as Spark SQL: what <see cref="EventReader"/> does here, with the same rules in the same order, so that both find the same fault first.</summary>
/// <remarks>
/// It parses to a VARIANT, which keeps what type each value had. Where it is stricter or laxer than the reader: an unknown field that stands twice makes a record
/// undecodable, and fields kept in extra_json are written anew instead of verbatim.
/// </remarks>
public static class EventSql
{
    private const int MaxBytes = 64 * 1024; // as EventReaderOptions has it

    private static readonly string[] Names = [.. Vocabulary<EventField>.Names];

    /// <summary>How a field's value is checked; the reader calls the same checks in this order.</summary>
    private static readonly (EventField Field, string Check)[] Checks =
    [
        (EventField.EventId, Uuid(EventField.EventId)),
        (EventField.EventTime, EventTime()),
        (EventField.UserId, Text(EventField.UserId, $"{Value(EventField.UserId)} = '' OR len({Value(EventField.UserId)}) > {UserId.MaxLength}")),
        (EventField.ClientSessionId, Text(EventField.ClientSessionId)),
        (EventField.Brand, NonEmpty(EventField.Brand)),
        (EventField.PageUrl, Text(EventField.PageUrl)),
        (EventField.Referrer, Word<Referrer>(EventField.Referrer)),
        (EventField.DeviceType, Word<DeviceType>(EventField.DeviceType)),
        (EventField.DeviceOs, Text(EventField.DeviceOs)),
        (EventField.Browser, Text(EventField.Browser)),
        (EventField.Country, Text(EventField.Country, $"NOT {Value(EventField.Country)} RLIKE '^[A-Z]{{2}}$'")),
        (EventField.City, Text(EventField.City)),
        (EventField.Timezone, Text(EventField.Timezone)),
        (EventField.SubscriptionTier, Word<SubscriptionTier>(EventField.SubscriptionTier)),
        (EventField.UserSegment, Word<UserSegment>(EventField.UserSegment)),
        (EventField.ArticleId, NonEmpty(EventField.ArticleId)),
        (EventField.PublishedAt, Time(EventField.PublishedAt)),
        (EventField.WordCount, Count(EventField.WordCount)),
        (EventField.Category, NonEmpty(EventField.Category)),
        (EventField.ArticleTitle, Text(EventField.ArticleTitle)),
        (EventField.ArticleType, Text(EventField.ArticleType)),
        (EventField.Position, Count(EventField.Position)),
        (EventField.Surface, Word<Surface>(EventField.Surface)),
        (EventField.ScrollDepth, Real(EventField.ScrollDepth, 100)),
        (EventField.TimeOnPageMs, Whole(EventField.TimeOnPageMs, long.MaxValue)),
        (EventField.ReadProgress, Real(EventField.ReadProgress, 100)),
        (EventField.VideoId, NonEmpty(EventField.VideoId)),
        (EventField.VideoDurationS, Real(EventField.VideoDurationS)),
        (EventField.WatchedS, Real(EventField.WatchedS)),
        (EventField.IsComplete, Flag(EventField.IsComplete)),
        (EventField.PlaybackRate, Positive(EventField.PlaybackRate)),
        (EventField.AdSlot, Word<AdSlot>(EventField.AdSlot)),
        (EventField.AdCategory, Text(EventField.AdCategory)),
        (EventField.RevenueUsd, Real(EventField.RevenueUsd)),
        (EventField.DecisionId, Text(EventField.DecisionId)),
        (EventField.Propensity, Positive(EventField.Propensity, 1)),
        (EventField.Query, Text(EventField.Query)),
        (EventField.ResultsCount, Count(EventField.ResultsCount)),
        (EventField.ClickedResult, Flag(EventField.ClickedResult)),
        (EventField.ToPage, Text(EventField.ToPage)),
        (EventField.Kind, Word<ReactionKind>(EventField.Kind)),
        (EventField.PromptType, Word<PromptType>(EventField.PromptType)),
        (EventField.NewsletterType, Word<NewsletterType>(EventField.NewsletterType)),
        (EventField.Tier, Word<SubscriptionTier>(EventField.Tier)),
        (EventField.TotalDurationS, Real(EventField.TotalDurationS)),
        (EventField.TotalEvents, Count(EventField.TotalEvents)),
    ];

    /// <summary>A query that gives every record of a view of Kafka's source with its fault, or null, and the fields found.</summary>
    /// <param name="kafka">Name of a view with the Kafka source's columns value, timestamp, partition and offset.</param>
    public static string Judged(string kafka) => string.Create(CultureInfo.InvariantCulture, $"""
        WITH raw AS (
          SELECT value AS raw, timestamp AS received_at, partition AS kafka_partition, offset AS kafka_offset, coalesce(octet_length(value), 0) > {MaxBytes} AS too_large, CAST(value AS STRING) AS text FROM {kafka}),
        -- In brackets, since what follows the object would be passed over.
        parsed AS (
          SELECT *, if(too_large OR NOT is_valid_utf8(text), NULL, try_parse_json('[' || text || ']')) AS json FROM raw),
        opened AS (
          SELECT *, if(json IS NULL OR try_variant_get(json, '$[1]') IS NOT NULL, NULL, json_object_keys(text)) AS names FROM parsed),
        found AS (
          SELECT *, {All(f => $"try_variant_get(json, '$[0].{Name(f)}') AS {Raw(f)}")} FROM opened),
        typed AS (
          SELECT *, {All(f => $"schema_of_variant({Raw(f)}) AS {Type(f)}")} FROM found),
        valued AS (
          SELECT *, {All(f => $"if({Type(f)} {OfType(f)}, CAST({Raw(f)} AS {Held(f)}), NULL) AS {Value(f)}")},
            if(text LIKE '%null%', array_except(names, array_compact(array({All(f => $"if({Type(f)} = 'VOID', '{Name(f)}', NULL)")}))), names) AS present FROM typed),
        known AS (
          SELECT *, {ByType(type => $"if({Value(EventField.SchemaVersion)} = {SchemaVersions.Archive}, {Array(EventFields.RequiredOf(type, SchemaVersions.Archive))}, {Array(EventFields.RequiredOf(type, SchemaVersions.Live))})")} AS required,
            {ByType(type => $"if({Value(EventField.ArticleId)} IS NULL, {Array(EventFields.Of(type) & ~ArticleDetails)}, {Array(EventFields.Of(type))})")} AS own FROM valued)
        SELECT *, CASE
          WHEN too_large THEN 'too_large'
          WHEN names IS NULL THEN 'undecodable' || coalesce(':' || get({Twice("if(is_valid_utf8(text), json_object_keys(text), NULL)")}, 0), '')
          WHEN NOT array_contains(present, 'event_type') THEN 'missing_field:event_type'
          WHEN NOT array_contains(present, 'schema_version') THEN 'missing_field:schema_version'
          ELSE coalesce({Count(EventField.SchemaVersion)}, {Text(EventField.EventType)}, if(required IS NULL, 'unknown_event_type:event_type', NULL),
            'missing_field:' || get(array_except(required, present), 0),
            {string.Join(",\n    ", Checks.Select(c => IsEverywhere(c.Field) ? c.Check : $"if({Type(c.Field)} IS NULL OR NOT array_contains(own, '{Name(c.Field)}'), NULL, {c.Check})"))})
          END AS fault
        FROM known
        """);

    /// <summary>A query over a view made by <see cref="Judged"/> that gives every record once: the columns of both tables, those of the other kind null. A record is bad when it has a reason.</summary>
    public static string Both(string judged) =>
        $"SELECT {string.Join(", ", GoodColumns.Select(c => $"if(fault IS NULL, {c.Sql}, NULL) AS {c.Name}"))}, {string.Join(", ", BadColumns.Select(c => $"if(fault IS NULL, NULL, {c.Sql}) AS {c.Name}"))}, {Origin} FROM {judged}";

    private const string Origin = "kafka_partition, kafka_offset";

    /// <summary>The columns of the lake's events but for <see cref="Origin"/>. What a bad record gives is undefined, and may be an error.</summary>
    private static IEnumerable<(string Name, string Sql)> GoodColumns =>
    [
        .. Enum.GetValues<EventField>().Select(f => (Name(f), Column(f))),
        ("extra_json", $"""
            if(size(array_except(names, own)) = 0, NULL, nullif(to_json(map_filter(CAST(try_variant_get(json, '$[0]') AS MAP<STRING, VARIANT>),
              (name, value) -> NOT array_contains(own, name) AND NOT (is_variant_null(value) AND array_contains({Array(ulong.MaxValue)}, name)))), '{EmptyObject}'))
            """),
        ("is_late", "false"),
        ("event_date", $"CAST({Instant(EventField.EventTime)} AS DATE)"),
    ];

    private static IEnumerable<(string Name, string Sql)> BadColumns =>
    [
        ("reason", "split_part(fault, ':', 1)"), ("field", "nullif(split_part(fault, ':', 2), '')"), ("raw", "coalesce(raw, X'')"),
        ("received_at", "received_at"), ("received_date", "CAST(received_at AS DATE)"),
    ];

    private const string EmptyObject = "{}";
    private const string InstantForm = @"r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$'";

    private static readonly ulong ArticleDetails =
        EventFields.Set(EventField.Category, EventField.ArticleTitle, EventField.ArticleType, EventField.PublishedAt, EventField.WordCount);

    private static string Name(EventField field) => Names[(int)field];

    /// <summary>The field as it was found, with its type, and its value where the type is the field's.</summary>
    private static string Raw(EventField field) => $"{Name(field)}_raw";

    private static string Type(EventField field) => $"{Name(field)}_type";

    private static string Value(EventField field) => $"{Name(field)}_value";

    private static string Instant(EventField field) => $"try_cast({Value(field)} AS TIMESTAMP)";

    private static string Held(EventField field) => field switch
    {
        EventField.SchemaVersion or EventField.TimeOnPageMs or EventField.WordCount or EventField.Position or EventField.ResultsCount or EventField.TotalEvents => "BIGINT",
        EventField.IsComplete or EventField.ClickedResult => "BOOLEAN",
        EventField.ScrollDepth or EventField.ReadProgress or EventField.VideoDurationS or EventField.WatchedS or EventField.PlaybackRate
            or EventField.Propensity or EventField.RevenueUsd or EventField.TotalDurationS => "DOUBLE",
        _ => "STRING",
    };

    /// <summary>Whole numbers beyond 64 bits are decimals without places, and those with places are decimals or doubles.</summary>
    private static string OfType(EventField field) => Held(field) == "DOUBLE" ? "RLIKE '^(BIGINT|DOUBLE|DECIMAL)'" : $"= '{Held(field)}'";

    private static bool IsEverywhere(EventField field) => Enum.GetValues<EventType>().All(t => (EventFields.Of(t) & ~ArticleDetails & EventFields.Set(field)) != 0);

    private static string Fault(BadEventReason reason, EventField field) => $"'{Vocabulary<BadEventReason>.Name(reason)}:{Name(field)}'";

    /// <summary>The first of the faults whose condition holds, null where the field is absent.</summary>
    private static string Of(EventField field, params ReadOnlySpan<(string When, BadEventReason Then)> faults)
    {
        var sql = new StringBuilder("CASE WHEN coalesce(").Append(Type(field)).Append(", 'VOID') = 'VOID' THEN NULL");
        foreach (var (when, then) in faults) sql.Append(" WHEN ").Append(when).Append(" THEN ").Append(Fault(then, field));
        return sql.Append(" END").ToString();
    }

    private static string Text(EventField field, string? outOfRange = null) => outOfRange is null
        ? Of(field, (WrongType(field), BadEventReason.WrongType))
        : Of(field, (WrongType(field), BadEventReason.WrongType), (outOfRange, BadEventReason.OutOfRange));

    private static string NonEmpty(EventField field) => Text(field, $"{Value(field)} = ''");

    private static string Word<TEnum>(EventField field) where TEnum : struct, Enum =>
        Text(field, $"{Value(field)} NOT IN ({string.Join(", ", Vocabulary<TEnum>.Names.Select(n => $"'{n}'"))})");

    private static string Flag(EventField field) => Text(field);

    private static string Count(EventField field) => Whole(field, int.MaxValue);

    private static string Whole(EventField field, long max) => Of(field,
        ($"NOT {Type(field)} RLIKE '^(BIGINT|DECIMAL.*,0)'", BadEventReason.WrongType),
        (string.Create(CultureInfo.InvariantCulture, $"{Value(field)} IS NULL OR {Value(field)} NOT BETWEEN 0 AND {max}"), BadEventReason.OutOfRange));

    private static string Real(EventField field, double? max = null, string atLeast = "<") => Of(field,
        (WrongType(field), BadEventReason.WrongType),
        ($"{Value(field)} {atLeast} 0 OR {Value(field)} {(max is { } most ? string.Create(CultureInfo.InvariantCulture, $"> {most}") : "= double('Infinity')")}", BadEventReason.OutOfRange));

    private static string Positive(EventField field, double? max = null) => Real(field, max, "<=");

    private static string WrongType(EventField field) => $"{Value(field)} IS NULL";

    private static (string When, BadEventReason Then) NoInstant(EventField field) =>
        ($"{Value(field)} IS NULL OR NOT {Value(field)} RLIKE {InstantForm} OR {Instant(field)} IS NULL", BadEventReason.WrongType);

    private static string Time(EventField field) => Of(field, NoInstant(field));

    private static string EventTime() => Of(EventField.EventTime, NoInstant(EventField.EventTime),
        ($"{Instant(EventField.EventTime)} < TIMESTAMP '1990-01-01 00:00:00Z'", BadEventReason.OutOfRange),
        ($"{Instant(EventField.EventTime)} > received_at + INTERVAL 24 HOURS", BadEventReason.TimeInFuture));

    private static string Uuid(EventField field) => Of(field,
        ($"{Value(field)} IS NULL OR NOT {Value(field)} RLIKE '^[0-9a-fA-F]{{8}}(-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}$'", BadEventReason.WrongType),
        ($"{Value(field)} = '{Guid.Empty}'", BadEventReason.OutOfRange));

    /// <summary>The value in the type of the lake's column, null when the field is not of this event's type.</summary>
    private static string Column(EventField field)
    {
        var value = field switch
        {
            EventField.EventId => $"lower({Value(field)})",
            EventField.EventTime or EventField.PublishedAt => Instant(field),
            EventField.SchemaVersion or EventField.WordCount or EventField.Position or EventField.ResultsCount or EventField.TotalEvents => $"CAST({Value(field)} AS INT)",
            _ => Value(field),
        };
        return IsEverywhere(field) ? value : $"if({Type(field)} IS NULL OR NOT array_contains(own, '{Name(field)}'), NULL, {value})";
    }

    /// <summary>The known names that stand twice in a list.</summary>
    private static string Twice(string names) => $"filter({names}, (name, i) -> array_contains({Array(ulong.MaxValue)}, name) AND array_position({names}, name) <= i)";

    private static string All(Func<EventField, string> sql) => string.Join(", ", Enum.GetValues<EventField>().Select(sql));

    private static string Array(ulong set) => $"array({string.Join(", ", Names.Where((_, i) => (set >> i & 1) != 0).Select(n => $"'{n}'"))})";

    private static string ByType(Func<EventType, string> sql) =>
        $"CASE {Value(EventField.EventType)} {string.Join(' ', Enum.GetValues<EventType>().Select(t => $"WHEN '{Vocabulary<EventType>.Name(t)}' THEN {sql(t)}"))} END";
}
