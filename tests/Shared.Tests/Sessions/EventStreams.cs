using Media.Events;
using Media.Sessions;

namespace Media.Tests.Sessions;

/// <summary>Small random streams that lean on the edges: equal times, exactly the gap, just past it, the cap, fields that are absent.</summary>
public static class EventStreams
{
    public const long Second = 1_000_000;
    public const long Minute = 60 * Second;
    public const long Hour = 60 * Minute;
    public const long Day = 24 * Hour;

    /// <summary>2026-01-02T23:00Z, a Friday an hour before a weekend.</summary>
    public const long Start = 1_767_394_800 * Second;

    private static readonly string[] Brands = ["bild", "welt", "politico"];
    private static readonly string[] Categories = ["politics", "sports", "culture", "crime"];

    /// <summary>A fixed event of the wanted type; the rest of the envelope is absent.</summary>
    public static T At<T>(long micros, string user = "u", int id = 0) where T : MediaEvent => (T)(MediaEvent)(typeof(T).Name switch
    {
        nameof(ArticleView) => new ArticleView { EventId = Id(id), EventTimeMicros = micros, UserId = new UserId(user), SchemaVersion = SchemaVersions.Archive },
        nameof(ArticleClick) => new ArticleClick { EventId = Id(id), EventTimeMicros = micros, UserId = new UserId(user), SchemaVersion = SchemaVersions.Archive },
        nameof(AdClick) => new AdClick { EventId = Id(id), EventTimeMicros = micros, UserId = new UserId(user), SchemaVersion = SchemaVersions.Archive },
        nameof(Navigation) => new Navigation { EventId = Id(id), EventTimeMicros = micros, UserId = new UserId(user), SchemaVersion = SchemaVersions.Archive },
        var other => throw new ArgumentException(other),
    });

    public static EventId Id(int number) => new(new Guid(number, 0, 0x7000, [0x80, 0, 0, 0, 0, 0, 0, 0]));

    public static SessionOptions RandomOptions(Random random) => new()
    {
        Gap = TimeSpan.FromMinutes(30),
        Cap = random.Next(3) == 0 ? TimeSpan.FromHours(24) : TimeSpan.FromMinutes(random.Next(20, 120)),
        AllowedLateness = random.Next(4) switch { 0 => TimeSpan.Zero, 1 => TimeSpan.FromMinutes(10), 2 => TimeSpan.FromHours(1), _ => TimeSpan.FromHours(6) },
    };

    /// <summary>Events in order of time (then id) of one to three readers.</summary>
    public static List<MediaEvent> InOrder(Random random, SessionOptions options, int events)
    {
        var sparse = random.Next(3) == 0;
        var users = random.Next(1, 4);
        var clock = new long[users];
        Array.Fill(clock, Start + random.NextInt64(3 * Day));
        var cap = (long)options.Cap.TotalMicroseconds;
        var gap = (long)options.Gap.TotalMicroseconds;
        var stream = new List<MediaEvent>();
        for (var i = 0; i < events; i++)
        {
            var user = random.Next(users);
            clock[user] += random.Next(12) switch
            {
                0 => 0,
                1 => gap,
                2 => gap + 1,
                3 => gap - 1,
                4 => cap,
                5 => cap - gap,
                6 => random.NextInt64(3 * Hour),
                7 => Day,
                _ => random.NextInt64(gap),
            };
            stream.Add(Event(random, sparse, new EventId(RandomId(random)), clock[user], new UserId("user-" + user)));
        }
        return [.. stream.OrderBy(e => e.EventTimeMicros).ThenBy(e => e.EventId.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>The same events as they might arrive: each delayed by less than the limit against the newest before it.</summary>
    public static List<MediaEvent> Delayed(Random random, IReadOnlyList<MediaEvent> inOrder, long limitMicros) =>
        [.. inOrder.Select(e => (Event: e, Arrival: e.EventTimeMicros + random.NextInt64(limitMicros + 1), Tie: random.Next())).OrderBy(a => a.Arrival).ThenBy(a => a.Tie).Select(a => a.Event)];

    /// <summary>Some events once more, somewhere behind their first arrival.</summary>
    public static List<MediaEvent> WithRepeats(Random random, IReadOnlyList<MediaEvent> arrivals, double share)
    {
        var all = arrivals.ToList();
        foreach (var e in arrivals.Where(_ => random.NextDouble() < share)) all.Insert(random.Next(all.IndexOf(e) + 1, Math.Min(all.Count, all.IndexOf(e) + 10) + 1), e);
        return all;
    }

    private static Guid RandomId(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private static MediaEvent Event(Random random, bool sparse, EventId id, long micros, UserId user)
    {
        var article = Maybe(random, sparse ? 0.5 : 0.9, () => new Article("a" + random.Next(6), Maybe(random, sparse ? 0.3 : 0.9, () => Pick(random, Categories)), null, null, null, null));
        MediaEvent e = random.Next(13) switch
        {
            0 => new ArticleImpression { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1, Article = article },
            1 => new ArticleClick { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1, Article = article },
            2 or 3 => new ArticleView
            {
                EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1, Article = article,
                ScrollDepth = Value(random, sparse, () => random.Next(101)), TimeOnPageMs = Value(random, sparse, () => (long)(random.Next(4) == 0 ? 10_000 : random.Next(400_000))),
                ReadProgress = Value(random, sparse, () => random.Next(5) * 25d), IsComplete = Value(random, sparse, () => random.Next(2) == 0),
            },
            4 => new VideoPlay { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1, Article = article, WatchedS = Value(random, sparse, () => random.NextDouble() * 300), IsComplete = Value(random, sparse, () => random.Next(2) == 0) },
            5 => new AdImpression { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1, Article = article, AdSlot = AdSlot.Footer },
            6 => new AdClick { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1, Article = article, AdSlot = Value(random, sparse, () => (AdSlot)random.Next(5)), RevenueUsd = Value(random, sparse, () => random.NextDouble()) },
            7 => new Search { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1, ClickedResult = Value(random, sparse, () => random.Next(2) == 0) },
            8 => new Navigation { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1, ToPage = "home" },
            9 => new Reaction { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1, Article = article, Kind = Value(random, sparse, () => (ReactionKind)random.Next(5)) },
            10 => new SubscriptionPrompt { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1 },
            11 => random.Next(2) == 0
                ? new NewsletterSignup { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1 }
                : new SubscriptionStart { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1, Tier = SubscriptionTier.Premium },
            _ => new SessionEnd { EventId = id, EventTimeMicros = micros, UserId = user, SchemaVersion = 1 },
        };
        return e with
        {
            Brand = Maybe(random, sparse ? 0.2 : 0.95, () => Pick(random, Brands)),
            PageUrl = Maybe(random, sparse ? 0.2 : 0.8, () => "/page/" + random.Next(sparse ? 3 : 40)),
            Referrer = Value(random, sparse, () => (Referrer)random.Next(10)),
            DeviceType = Value(random, sparse, () => (DeviceType)random.Next(5)),
            DeviceOs = Maybe(random, 0.5, () => "os" + random.Next(3)),
            Browser = Maybe(random, 0.5, () => "browser" + random.Next(3)),
            Country = Maybe(random, 0.5, () => random.Next(2) == 0 ? "DE" : "BR"),
            City = Maybe(random, 0.5, () => "city" + random.Next(3)),
            Timezone = Maybe(random, 0.5, () => "Europe/Berlin"),
            SubscriptionTier = Value(random, sparse, () => (SubscriptionTier)random.Next(4)),
            UserSegment = Value(random, sparse, () => (UserSegment)random.Next(6)),
        };
    }

    private static T Pick<T>(Random random, T[] of) => of[random.Next(of.Length)];

    private static T? Maybe<T>(Random random, double probability, Func<T> value) where T : class => random.NextDouble() < probability ? value() : null;

    private static T? Value<T>(Random random, bool sparse, Func<T> value) where T : struct => random.NextDouble() < (sparse ? 0.2 : 0.9) ? value() : null;
}
