using Media.Events;
using Media.Sessions;
using Media.Streaming;

namespace Media.Tests.Lake;

/// <summary>Seeded rows in which every column is sometimes set and, where it may be, sometimes absent.</summary>
internal static class LakeSamples
{
    public static ConsumedEvent[] Events(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => new ConsumedEvent(Event(random), random.Next(8), i))];
    }

    public static Session[] Sessions(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => Session(random, i))];
    }

    private static MediaEvent Event(Random random)
    {
        var type = (EventType)random.Next(Enum.GetValues<EventType>().Length);
        var e = Bare(random, type);
        return e with
        {
            ClientSessionId = Text(random), Brand = Text(random), PageUrl = Text(random), Referrer = Maybe<Referrer>(random), DeviceType = Maybe<DeviceType>(random),
            DeviceOs = Text(random), Browser = Text(random), Country = Text(random), City = Text(random), Timezone = Text(random), SubscriptionTier = Maybe<SubscriptionTier>(random),
            UserSegment = Maybe<UserSegment>(random), ExtraJson = random.Next(9) == 0 ? """{"a":"ü😀"}""" : null,
            Article = random.Next(3) == 0 ? null : new Article($"art{random.Next(50)}", Text(random), Text(random), Text(random), Long(random), Int(random)),
        };
    }

    private static MediaEvent Bare(Random random, EventType type)
    {
        var id = new EventId(new Guid(Enumerable.Range(0, 16).Select(_ => (byte)random.Next(256)).ToArray()));
        // Also before 1970: floor, not truncation, gives the day.
        var time = random.NextInt64(-200_000_000_000, 400_000_000_000);
        var user = new UserId($"user{random.Next(100)}");
        var version = random.Next(2);
        return type switch
        {
            EventType.ArticleImpression => new ArticleImpression { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Position = Int(random), Surface = Maybe<Surface>(random), DecisionId = Text(random) },
            EventType.ArticleClick => new ArticleClick { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Position = Int(random), Surface = Maybe<Surface>(random), DecisionId = Text(random) },
            EventType.ArticleView => new ArticleView { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, ScrollDepth = Real(random), TimeOnPageMs = Long(random), ReadProgress = Real(random), IsComplete = Flag(random) },
            EventType.VideoPlay => new VideoPlay { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, VideoId = Text(random), VideoDurationS = Real(random), WatchedS = Real(random), IsComplete = Flag(random), PlaybackRate = Real(random) },
            EventType.AdImpression => new AdImpression { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, AdSlot = Maybe<AdSlot>(random), AdCategory = Text(random), DecisionId = Text(random), Propensity = Real(random) },
            EventType.AdClick => new AdClick { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, AdSlot = Maybe<AdSlot>(random), AdCategory = Text(random), RevenueUsd = Real(random), DecisionId = Text(random) },
            EventType.Search => new Search { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Query = Text(random), ResultsCount = Int(random), ClickedResult = Flag(random) },
            EventType.Navigation => new Navigation { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, ToPage = Text(random) },
            EventType.Reaction => new Reaction { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Kind = Maybe<ReactionKind>(random) },
            EventType.SubscriptionPrompt => new SubscriptionPrompt { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, PromptType = Maybe<PromptType>(random) },
            EventType.NewsletterSignup => new NewsletterSignup { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, NewsletterType = Maybe<NewsletterType>(random) },
            EventType.SubscriptionStart => new SubscriptionStart { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, Tier = Maybe<SubscriptionTier>(random) },
            _ => new SessionEnd { EventId = id, EventTimeMicros = time, UserId = user, SchemaVersion = version, TotalDurationS = Real(random), TotalEvents = Int(random) },
        };
    }

    private static Session Session(Random random, int number)
    {
        var start = random.NextInt64(1_700_000_000_000_000, 1_700_300_000_000_000);
        return new Session
        {
            SessionId = number.ToString("x32"), UserId = new UserId($"user{random.Next(100)}"), SessionStartMicros = start, SessionEndMicros = start + random.Next(),
            Brand = Text(random), Country = Text(random), City = Text(random), DeviceType = Maybe<DeviceType>(random), DeviceOs = Text(random), Browser = Text(random),
            Timezone = Text(random), SubscriptionTier = Maybe<SubscriptionTier>(random), UserSegment = Maybe<UserSegment>(random), Referrer = Maybe<Referrer>(random),
            LandingArticleId = Text(random), ExitArticleId = Text(random), TopCategory = Text(random), ClosedBy = (ClosedBy)random.Next(3),
            Metrics = [.. SessionMetrics.All.Select(m => random.Next(5) == 0 ? double.NaN : m.Type switch
            {
                MetricType.Whole => random.Next(1000),
                MetricType.Flag => random.Next(2),
                _ => random.NextDouble() * 100,
            })],
        };
    }

    private static string? Text(Random random) => random.Next(6) switch
    {
        0 => null,
        1 => "",
        2 => "Zürich 😀",
        3 => new string('x', random.Next(200)),
        _ => $"value{random.Next(40)}",
    };

    private static TEnum? Maybe<TEnum>(Random random) where TEnum : struct, Enum =>
        random.Next(4) == 0 ? null : Enum.GetValues<TEnum>()[random.Next(Enum.GetValues<TEnum>().Length)];

    private static int? Int(Random random) => random.Next(4) == 0 ? null : random.Next(-5, 1000);
    private static long? Long(Random random) => random.Next(4) == 0 ? null : random.NextInt64();
    private static double? Real(Random random) => random.Next(4) == 0 ? null : random.NextDouble() * 100;
    private static bool? Flag(Random random) => random.Next(3) == 0 ? null : random.Next(2) == 0;
}
