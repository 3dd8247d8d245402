namespace Media.Events;

// The data's way begins here:
//   Events (this folder: what a reader did) → Streaming (Kafka) → Sessions → Lake → Features → Models → Evaluation → Registry,
//   and Bandit beside the models. A pure folder may use the pure ones before it; the edges (Streaming, Lake, Registry) may use any pure one.
//
// In this folder: MediaEvent.cs, the closed family (step 1) · EventReader.cs and EventWriter.cs, its JSON (step 2) ·
//   BadEvent.cs, what could not be read (step 3) · Simulator/, readers with a planted signal · Archives/, real data sets replayed.

/// <summary>One thing a reader did. The family is closed: match it with <c>switch</c>.</summary>
/// <remarks>
/// Immutable, thread-safe. <c>null</c> means absent in the data. <see cref="Brand"/>, <see cref="DeviceType"/>, <see cref="SubscriptionTier"/>
/// and the article's category, title and type are required from <see cref="SchemaVersions.Live"/> on; only events of
/// <see cref="SchemaVersions.Archive"/> (a public data set replayed) may lack them, since nothing is invented for what a data set lacks.
/// </remarks>
public abstract record MediaEvent
{
    public required EventId EventId { get; init; }

    /// <summary>When it happened (event time), µs since the Unix epoch, UTC.</summary>
    public required long EventTimeMicros { get; init; }

    public required UserId UserId { get; init; }

    /// <summary>The client's own idea of a session; a hint that never decides a boundary.</summary>
    public string? ClientSessionId { get; init; }
    public string? Brand { get; init; }
    public string? PageUrl { get; init; }
    public Referrer? Referrer { get; init; }
    public DeviceType? DeviceType { get; init; }
    public string? DeviceOs { get; init; }
    public string? Browser { get; init; }

    /// <summary>ISO 3166 alpha-2, or EU.</summary>
    public string? Country { get; init; }
    public string? City { get; init; }

    /// <summary>IANA name, e.g. Europe/Berlin.</summary>
    public string? Timezone { get; init; }
    public SubscriptionTier? SubscriptionTier { get; init; }
    public UserSegment? UserSegment { get; init; }
    public required int SchemaVersion { get; init; }

    /// <summary>The article this is about; never null on impressions, clicks and views of articles.</summary>
    public Article? Article { get; init; }

    /// <summary>Fields this version does not know, as the text of one JSON object, so that a newer producer loses nothing.</summary>
    public string? ExtraJson { get; init; }

    public abstract EventType EventType { get; }

    /// <summary>All that every event may have beside its four required fields: what a reader of another format fills in one word.</summary>
    internal EventContext Context
    {
        init
        {
            (ClientSessionId, Brand, PageUrl, Referrer) = (value.ClientSessionId, value.Brand, value.PageUrl, value.Referrer);
            (DeviceType, DeviceOs, Browser) = (value.DeviceType, value.DeviceOs, value.Browser);
            (Country, City, Timezone) = (value.Country, value.City, value.Timezone);
            (SubscriptionTier, UserSegment, Article, ExtraJson) = (value.SubscriptionTier, value.UserSegment, value.Article, value.ExtraJson);
        }
    }

    public DateTimeOffset EventTime => DateTimeOffset.UnixEpoch.AddTicks(EventTimeMicros * TimeSpan.TicksPerMicrosecond);
}

/// <summary>Values of <c>schema_version</c>.</summary>
public static class SchemaVersions
{
    /// <summary>A public data set replayed: only event_id, event_type, event_time, user_id (and article_id where an article is meant) are required.</summary>
    public const int Archive = 0;

    /// <summary>What the publisher's own sites send.</summary>
    public const int Live = 1;
}

/// <summary>The circumstances of an event, whatever its type: a place to gather them, used again for the next event.</summary>
internal sealed record EventContext
{
    public string? ClientSessionId { get; set; }
    public string? Brand { get; set; }
    public string? PageUrl { get; set; }
    public Referrer? Referrer { get; set; }
    public DeviceType? DeviceType { get; set; }
    public string? DeviceOs { get; set; }
    public string? Browser { get; set; }
    public string? Country { get; set; }
    public string? City { get; set; }
    public string? Timezone { get; set; }
    public SubscriptionTier? SubscriptionTier { get; set; }
    public UserSegment? UserSegment { get; set; }
    public Article? Article { get; set; }
    public string? ExtraJson { get; set; }
}

/// <summary>The article an event is about.</summary>
/// <param name="WordCount">words, ≥ 0</param>
/// <param name="PublishedAtMicros">µs since the Unix epoch, UTC</param>
public sealed record Article(string ArticleId, string? Category, string? Title, string? Type, long? PublishedAtMicros, int? WordCount);

/// <summary>An article was offered to the reader.</summary>
/// <remarks>Position: 0 = first.</remarks>
public sealed record ArticleImpression : MediaEvent
{
    public int? Position { get; init; }
    public Surface? Surface { get; init; }
    public string? DecisionId { get; init; }
    public override EventType EventType => EventType.ArticleImpression;
}

/// <summary>The reader clicked an offered article.</summary>
public sealed record ArticleClick : MediaEvent
{
    public int? Position { get; init; }
    public Surface? Surface { get; init; }
    public string? DecisionId { get; init; }
    public override EventType EventType => EventType.ArticleClick;
}

/// <summary>The reader read (some of) an article.</summary>
/// <remarks>ScrollDepth and ReadProgress: percent, 0–100.</remarks>
public sealed record ArticleView : MediaEvent
{
    public double? ScrollDepth { get; init; }
    public long? TimeOnPageMs { get; init; }
    public double? ReadProgress { get; init; }
    public bool? IsComplete { get; init; }
    public override EventType EventType => EventType.ArticleView;
}

public sealed record VideoPlay : MediaEvent
{
    public string? VideoId { get; init; }
    public double? VideoDurationS { get; init; }
    public double? WatchedS { get; init; }
    public bool? IsComplete { get; init; }
    public double? PlaybackRate { get; init; }
    public override EventType EventType => EventType.VideoPlay;
}

/// <remarks>Propensity: probability in (0, 1] with which the deciding policy chose this slot.</remarks>
public sealed record AdImpression : MediaEvent
{
    public AdSlot? AdSlot { get; init; }
    public string? AdCategory { get; init; }
    public string? DecisionId { get; init; }
    public double? Propensity { get; init; }
    public override EventType EventType => EventType.AdImpression;
}

public sealed record AdClick : MediaEvent
{
    public AdSlot? AdSlot { get; init; }
    public string? AdCategory { get; init; }
    public double? RevenueUsd { get; init; }
    public string? DecisionId { get; init; }
    public override EventType EventType => EventType.AdClick;
}

public sealed record Search : MediaEvent
{
    public string? Query { get; init; }
    public int? ResultsCount { get; init; }
    public bool? ClickedResult { get; init; }
    public override EventType EventType => EventType.Search;
}

public sealed record Navigation : MediaEvent
{
    public string? ToPage { get; init; }
    public override EventType EventType => EventType.Navigation;
}

public sealed record Reaction : MediaEvent
{
    public ReactionKind? Kind { get; init; }
    public override EventType EventType => EventType.Reaction;
}

public sealed record SubscriptionPrompt : MediaEvent
{
    public PromptType? PromptType { get; init; }
    public override EventType EventType => EventType.SubscriptionPrompt;
}

public sealed record NewsletterSignup : MediaEvent
{
    public NewsletterType? NewsletterType { get; init; }
    public override EventType EventType => EventType.NewsletterSignup;
}

public sealed record SubscriptionStart : MediaEvent
{
    public SubscriptionTier? Tier { get; init; }
    public override EventType EventType => EventType.SubscriptionStart;
}

/// <summary>The client says that it ended; a hint that never decides a boundary.</summary>
public sealed record SessionEnd : MediaEvent
{
    public double? TotalDurationS { get; init; }
    public int? TotalEvents { get; init; }
    public override EventType EventType => EventType.SessionEnd;
}
