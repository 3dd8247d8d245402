using System.Buffers;
using Media.Events;

namespace Media.Benchmarks;

/// <summary>A mix of live events as the sites send them: visits of about ten events that overlap, few articles read much. The same on every run.</summary>
internal static class EventSample
{
    public const int Count = 20_000;
    public static readonly DateTimeOffset ReceivedAt = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Brands = ["bild", "welt", "business_insider", "politico", "sport_bild"];
    private static readonly string[] Categories = ["politics", "sports", "entertainment", "business", "technology", "culture"];
    private static readonly (string Country, string City, string Zone)[] Places =
        [("DE", "Berlin", "Europe/Berlin"), ("DE", "München", "Europe/Berlin"), ("AT", "Wien", "Europe/Vienna"), ("US", "New York", "America/New_York"), ("UK", "London", "Europe/London")];

    public static IEnumerable<MediaEvent> Events(int count)
    {
        var random = new Random(1);
        for (var i = 0; i < count; i++)
        {
            var at = ReceivedAt.AddDays(-1).AddMilliseconds(i * 4);
            var visit = i / 10 + random.Next(400);
            var (country, city, zone) = Places[visit % Places.Length];
            var brand = Brands[visit % 7 % Brands.Length];
            var article = (int)(3000 * Math.Pow(random.NextDouble(), 3));
            var context = new Context(new EventId(Guid.CreateVersion7(at)), at.ToUnixTimeMilliseconds() * 1000 + random.Next(1000), new UserId($"user_{visit * 7919 % 5000:D6}"),
                brand, country, city, zone, $"https://{brand}.example/{Categories[article % 6]}/article-{article}", $"session-{visit:D8}",
                new Article($"article_{article:D5}", Categories[article % 6], $"What the {Categories[article % 6]} story number {article} means for you", "news", at.AddHours(-article % 90).ToUnixTimeMilliseconds() * 1000, 200 + article % 900));
            yield return Make(random.NextDouble(), context, random);
        }
    }

    public static byte[] ToJson(MediaEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>();
        EventWriter.Write(e, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static MediaEvent Make(double share, Context c, Random random) => share switch
    {
        < 0.4 => Fill(c, (id, t, u) => new ArticleImpression { EventId = id, EventTimeMicros = t, UserId = u, SchemaVersion = 1, Position = random.Next(20), Surface = Surface.Home, Article = c.Article }),
        < 0.5 => Fill(c, (id, t, u) => new ArticleClick { EventId = id, EventTimeMicros = t, UserId = u, SchemaVersion = 1, Position = random.Next(20), Surface = Surface.Home, Article = c.Article }),
        < 0.7 => Fill(c, (id, t, u) => new ArticleView { EventId = id, EventTimeMicros = t, UserId = u, SchemaVersion = 1, ScrollDepth = random.Next(101), TimeOnPageMs = random.Next(300_000), ReadProgress = Math.Round(random.NextDouble() * 100, 1), IsComplete = false, Article = c.Article }),
        < 0.75 => Fill(c, (id, t, u) => new VideoPlay { EventId = id, EventTimeMicros = t, UserId = u, SchemaVersion = 1, VideoId = "video_17", VideoDurationS = 93.5, WatchedS = Math.Round(random.NextDouble() * 93.5, 2), IsComplete = false, PlaybackRate = 1 }),
        < 0.93 => Fill(c, (id, t, u) => new AdImpression { EventId = id, EventTimeMicros = t, UserId = u, SchemaVersion = 1, AdSlot = AdSlot.MidPage, AdCategory = "automotive", DecisionId = $"d{random.Next()}", Propensity = 0.2 }),
        < 0.97 => Fill(c, (id, t, u) => new Navigation { EventId = id, EventTimeMicros = t, UserId = u, SchemaVersion = 1, ToPage = "/politics" }),
        _ => Fill(c, (id, t, u) => new Reaction { EventId = id, EventTimeMicros = t, UserId = u, SchemaVersion = 1, Kind = ReactionKind.Like, Article = c.Article }),
    };

    private static MediaEvent Fill(Context c, Func<EventId, long, UserId, MediaEvent> make) => make(c.Id, c.TimeMicros, c.User) with
    {
        ClientSessionId = c.Session, Brand = c.Brand, PageUrl = c.Url, Referrer = Referrer.Google, DeviceType = DeviceType.Mobile, DeviceOs = "Android", Browser = "Chrome",
        Country = c.Country, City = c.City, Timezone = c.Zone, SubscriptionTier = SubscriptionTier.Free, UserSegment = UserSegment.Casual,
    };

    private sealed record Context(EventId Id, long TimeMicros, UserId User, string Brand, string Country, string City, string Zone, string Url, string Session, Article Article);
}
