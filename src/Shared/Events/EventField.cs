namespace Media.Events;

/// <summary>Every field of an event's JSON, whatever its type; <see cref="Vocabulary{TEnum}"/> gives the spelling.</summary>
/// <remarks>Fewer than 64, so that a set of fields is one <c>ulong</c>, bit n for value n.</remarks>
internal enum EventField
{
    EventId, EventType, EventTime, UserId, SchemaVersion, Brand, DeviceType, SubscriptionTier,
    ClientSessionId, PageUrl, Referrer, DeviceOs, Browser, Country, City, Timezone, UserSegment,
    ArticleId, Category, ArticleTitle, ArticleType, PublishedAt, WordCount,
    Position, Surface, DecisionId, ScrollDepth, TimeOnPageMs, ReadProgress, IsComplete,
    VideoId, VideoDurationS, WatchedS, PlaybackRate, AdSlot, AdCategory, Propensity, RevenueUsd,
    Query, ResultsCount, ClickedResult, ToPage, Kind, PromptType, NewsletterType, Tier, TotalDurationS, TotalEvents,
}

/// <summary>Which fields an event of a type has, and which it must have. Thread-safe; built once.</summary>
internal static class EventFields
{
    public static readonly int Count = Vocabulary<EventField>.Names.Count;

    private const ulong Everywhere = (1UL << ((int)EventField.SchemaVersion + 1)) - 1;
    private const ulong LiveEnvelope = (1UL << ((int)EventField.SubscriptionTier + 1)) - 1;
    private const ulong Envelope = (1UL << ((int)EventField.UserSegment + 1)) - 1;
    private static readonly ulong ArticleBlock = Set(EventField.ArticleId, EventField.Category, EventField.ArticleTitle,
        EventField.ArticleType, EventField.PublishedAt, EventField.WordCount);
    private static readonly ulong LiveArticle = Set(EventField.ArticleId, EventField.Category, EventField.ArticleTitle, EventField.ArticleType);

    private static readonly ulong[] OwnRequired = [.. Enum.GetValues<EventType>().Select(Required)];
    private static readonly ulong[] OwnOptional = [.. Enum.GetValues<EventType>().Select(Optional)];

    /// <summary>The fields that belong to an event of this type; any other is an extra.</summary>
    public static ulong Of(EventType type) => Envelope | ArticleBlock | OwnRequired[(int)type] | OwnOptional[(int)type];

    /// <summary>The fields without which it is not an event of this type.</summary>
    public static ulong RequiredOf(EventType type, int schemaVersion)
    {
        var aboutArticle = type is EventType.ArticleImpression or EventType.ArticleClick or EventType.ArticleView;
        return schemaVersion == SchemaVersions.Archive
            ? Everywhere | (aboutArticle ? Set(EventField.ArticleId) : 0)
            : LiveEnvelope | OwnRequired[(int)type] | (aboutArticle ? LiveArticle : 0);
    }

    public static ulong Set(params ReadOnlySpan<EventField> fields)
    {
        var set = 0UL;
        foreach (var field in fields) set |= 1UL << (int)field;
        return set;
    }

    private static ulong Required(EventType type) => type switch
    {
        EventType.ArticleImpression or EventType.ArticleClick => Set(EventField.Position, EventField.Surface),
        EventType.ArticleView => Set(EventField.ScrollDepth, EventField.TimeOnPageMs, EventField.ReadProgress, EventField.IsComplete),
        EventType.VideoPlay => Set(EventField.VideoId, EventField.VideoDurationS, EventField.WatchedS, EventField.IsComplete, EventField.PlaybackRate),
        EventType.AdImpression => Set(EventField.AdSlot, EventField.AdCategory),
        EventType.AdClick => Set(EventField.AdSlot, EventField.AdCategory, EventField.RevenueUsd),
        EventType.Search => Set(EventField.Query, EventField.ResultsCount, EventField.ClickedResult),
        EventType.Navigation => Set(EventField.ToPage),
        EventType.Reaction => Set(EventField.Kind),
        EventType.SubscriptionPrompt => Set(EventField.PromptType),
        EventType.NewsletterSignup => Set(EventField.NewsletterType),
        EventType.SubscriptionStart => Set(EventField.Tier),
        EventType.SessionEnd => Set(EventField.TotalDurationS, EventField.TotalEvents),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    private static ulong Optional(EventType type) => type switch
    {
        EventType.ArticleImpression or EventType.ArticleClick or EventType.AdClick => Set(EventField.DecisionId),
        EventType.AdImpression => Set(EventField.DecisionId, EventField.Propensity),
        _ => 0,
    };
}
