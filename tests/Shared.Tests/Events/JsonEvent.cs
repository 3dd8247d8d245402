using System.Text.Json;
using System.Text.Json.Serialization;
using Media.Events;

namespace Media.Tests.Events;

/// <summary>The event as System.Text.Json's source generator would read it: the reference for values and for speed.</summary>
public sealed class JsonEvent
{
    public Guid EventId { get; set; }
    public EventType EventType { get; set; }
    public DateTimeOffset EventTime { get; set; }
    public string? UserId { get; set; }
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
    public int SchemaVersion { get; set; }
    public string? ArticleId { get; set; }
    public string? Category { get; set; }
    public string? ArticleTitle { get; set; }
    public string? ArticleType { get; set; }
    public DateTimeOffset? PublishedAt { get; set; }
    public int? WordCount { get; set; }
    public int? Position { get; set; }
    public Surface? Surface { get; set; }
    public string? DecisionId { get; set; }
    public double? ScrollDepth { get; set; }
    public long? TimeOnPageMs { get; set; }
    public double? ReadProgress { get; set; }
    public bool? IsComplete { get; set; }
    public string? VideoId { get; set; }
    public double? VideoDurationS { get; set; }
    public double? WatchedS { get; set; }
    public double? PlaybackRate { get; set; }
    public AdSlot? AdSlot { get; set; }
    public string? AdCategory { get; set; }
    public double? Propensity { get; set; }
    public double? RevenueUsd { get; set; }
    public string? Query { get; set; }
    public int? ResultsCount { get; set; }
    public bool? ClickedResult { get; set; }
    public string? ToPage { get; set; }
    public ReactionKind? Kind { get; set; }
    public PromptType? PromptType { get; set; }
    public NewsletterType? NewsletterType { get; set; }
    public SubscriptionTier? Tier { get; set; }
    public double? TotalDurationS { get; set; }
    public int? TotalEvents { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    public static JsonEvent From(MediaEvent from)
    {
        var e = new JsonEvent
        {
            EventId = from.EventId.Value, EventType = from.EventType, EventTime = from.EventTime, UserId = from.UserId.Value,
            ClientSessionId = from.ClientSessionId, Brand = from.Brand, PageUrl = from.PageUrl, Referrer = from.Referrer,
            DeviceType = from.DeviceType, DeviceOs = from.DeviceOs, Browser = from.Browser, Country = from.Country, City = from.City,
            Timezone = from.Timezone, SubscriptionTier = from.SubscriptionTier, UserSegment = from.UserSegment, SchemaVersion = from.SchemaVersion,
            ArticleId = from.Article?.ArticleId, Category = from.Article?.Category, ArticleTitle = from.Article?.Title, ArticleType = from.Article?.Type,
            PublishedAt = from.Article?.PublishedAtMicros is { } micros ? DateTimeOffset.UnixEpoch.AddTicks(micros * 10) : null,
            WordCount = from.Article?.WordCount,
            Extra = from.ExtraJson is null ? null : JsonSerializer.Deserialize(from.ExtraJson, JsonEventContext.Default.DictionaryStringJsonElement),
        };
        switch (from)
        {
            case ArticleImpression x: (e.Position, e.Surface, e.DecisionId) = (x.Position, x.Surface, x.DecisionId); break;
            case ArticleClick x: (e.Position, e.Surface, e.DecisionId) = (x.Position, x.Surface, x.DecisionId); break;
            case ArticleView x: (e.ScrollDepth, e.TimeOnPageMs, e.ReadProgress, e.IsComplete) = (x.ScrollDepth, x.TimeOnPageMs, x.ReadProgress, x.IsComplete); break;
            case VideoPlay x:
                (e.VideoId, e.VideoDurationS, e.WatchedS, e.IsComplete, e.PlaybackRate) = (x.VideoId, x.VideoDurationS, x.WatchedS, x.IsComplete, x.PlaybackRate);
                break;
            case AdImpression x: (e.AdSlot, e.AdCategory, e.DecisionId, e.Propensity) = (x.AdSlot, x.AdCategory, x.DecisionId, x.Propensity); break;
            case AdClick x: (e.AdSlot, e.AdCategory, e.DecisionId, e.RevenueUsd) = (x.AdSlot, x.AdCategory, x.DecisionId, x.RevenueUsd); break;
            case Search x: (e.Query, e.ResultsCount, e.ClickedResult) = (x.Query, x.ResultsCount, x.ClickedResult); break;
            case Navigation x: e.ToPage = x.ToPage; break;
            case Reaction x: e.Kind = x.Kind; break;
            case SubscriptionPrompt x: e.PromptType = x.PromptType; break;
            case NewsletterSignup x: e.NewsletterType = x.NewsletterType; break;
            case SubscriptionStart x: e.Tier = x.Tier; break;
            case SessionEnd x: (e.TotalDurationS, e.TotalEvents) = (x.TotalDurationS, x.TotalEvents); break;
        }
        return e;
    }
}

/// <summary>Enum values in the contract's spelling.</summary>
public sealed class SnakeCase<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.SnakeCaseLower) where TEnum : struct, Enum;

[JsonSerializable(typeof(JsonEvent))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(SnakeCase<EventType>), typeof(SnakeCase<Referrer>), typeof(SnakeCase<DeviceType>), typeof(SnakeCase<SubscriptionTier>),
        typeof(SnakeCase<UserSegment>), typeof(SnakeCase<Surface>), typeof(SnakeCase<AdSlot>), typeof(SnakeCase<ReactionKind>),
        typeof(SnakeCase<PromptType>), typeof(SnakeCase<NewsletterType>)])]
public sealed partial class JsonEventContext : JsonSerializerContext;
