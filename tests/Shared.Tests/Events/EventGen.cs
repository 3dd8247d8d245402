using CsCheck;
using Media.Events;

namespace Media.Tests.Events;

/// <summary>Random valid events of every type, awkward texts and extremes included.</summary>
internal static class EventGen
{
    /// <summary>2026-11-01, after which no generated event lies.</summary>
    public static readonly DateTimeOffset ReceivedAt = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String[Gen.Char['a', 'z'], 0, 40],
        Among("Zürich", "日本経済", "emoji 🗞️ pair", "quote \" and \\ slash /", "line\nfeed\ttab \b\f\r", "\u0000\u001f", "é", "</script>", "\uFFFD", " "),
        Gen.String[Gen.Char['\u0000', '\u024f'], 0, 200]);

    private static readonly Gen<string> Name = Gen.String[Gen.Char['a', 'z'], 1, 20];
    private static readonly Gen<string> UserName = Gen.OneOf(Gen.String[Gen.Char['!', '~'], 1, 64], Among("ü", "日本", new string('x', 64)));
    private static readonly Gen<string> Country = Gen.String[Gen.Char['A', 'Z'], 2, 2];
    private static readonly Gen<double> Percent = Gen.OneOf(Gen.Double[0, 100], Among(0.0, 100.0, 33.3));
    private static readonly Gen<double> Amount = Gen.OneOf(Gen.Double[0, 1e4], Among(0.0, 1e-300, double.MaxValue, 0.1, 1e21));
    private static readonly Gen<int> Count = Gen.OneOf(Gen.Int[0, 50], Gen.Const(int.MaxValue));
    private static readonly Gen<long> Duration = Gen.OneOf(Gen.Long[0, 600_000], Gen.Const(long.MaxValue));

    private static readonly Gen<long> Micros =
        Gen.OneOf(Gen.Long[631_152_000_000_000, 1_793_000_000_000_000], Gen.Long[631_152_000, 1_793_000_000].Select(s => s * 1_000_000));

    private static readonly Gen<string> Extra =
        Among("{\"ab_test\":\"b\"}", "{\"x\":null,\"nested\":{\"a\":[1,2.50,{\"b\":\"\\u00e9\"}]}}", "{\"weight\": 1.0e5}", "{\"query_2\":\"ü\",\"-\":false}");

    private static readonly Gen<Article> Article =
        Gen.Select(Name, Name, Text, Name, Micros.Maybe(), Count.Maybe()).Select(x => new Article(x.Item1, x.Item2, x.Item3, x.Item4, x.Item5, x.Item6));

    private static readonly Gen<EventContext> Context =
        Gen.Select(
            Gen.Select(Text.MaybeNull(), Name, Text.MaybeNull(), Word<Referrer>().Maybe(), Word<DeviceType>(), Name.MaybeNull(), Name.MaybeNull()),
            Gen.Select(Country.MaybeNull(), Text.MaybeNull(), Text.MaybeNull(), Word<SubscriptionTier>(), Word<UserSegment>().Maybe(), Article, Extra.MaybeNull()))
        .Select((a, b) => new EventContext
        {
            ClientSessionId = a.Item1, Brand = a.Item2, PageUrl = a.Item3, Referrer = a.Item4, DeviceType = a.Item5, DeviceOs = a.Item6, Browser = a.Item7,
            Country = b.Item1, City = b.Item2, Timezone = b.Item3, SubscriptionTier = b.Item4, UserSegment = b.Item5, Article = b.Item6, ExtraJson = b.Item7,
        });

    private static readonly Gen<(EventId Id, long Time, UserId User, int Version)> Head =
        Gen.Select(Gen.Guid.Where(g => g != Guid.Empty), Micros, UserName, Gen.Int[1, 3]).Select((g, t, u, v) => (new EventId(g), t, new UserId(u), v));

    public static readonly IReadOnlyList<Gen<MediaEvent>> EachType =
    [
        Make(Gen.Select(Count, Word<Surface>(), Name.MaybeNull()), (h, c, x) => new ArticleImpression { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c, Position = x.Item1, Surface = x.Item2, DecisionId = x.Item3 }),
        Make(Gen.Select(Count, Word<Surface>(), Name.MaybeNull()), (h, c, x) => new ArticleClick { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c, Position = x.Item1, Surface = x.Item2, DecisionId = x.Item3 }),
        Make(Gen.Select(Percent, Duration, Percent, Gen.Bool), (h, c, x) => new ArticleView { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c, ScrollDepth = x.Item1, TimeOnPageMs = x.Item2, ReadProgress = x.Item3, IsComplete = x.Item4 }),
        Make(Gen.Select(Name, Amount, Amount, Gen.Bool, Gen.Double[0.25, 4]), (h, c, x) => new VideoPlay { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c, VideoId = x.Item1, VideoDurationS = x.Item2, WatchedS = x.Item3, IsComplete = x.Item4, PlaybackRate = x.Item5 }),
        Make(Gen.Select(Word<AdSlot>(), Name, Name.MaybeNull(), Gen.Double[1e-9, 1].Maybe()), (h, c, x) => new AdImpression { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c, AdSlot = x.Item1, AdCategory = x.Item2, DecisionId = x.Item3, Propensity = x.Item4 }),
        Make(Gen.Select(Word<AdSlot>(), Name, Name.MaybeNull(), Amount), (h, c, x) => new AdClick { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c, AdSlot = x.Item1, AdCategory = x.Item2, DecisionId = x.Item3, RevenueUsd = x.Item4 }),
        Make(Gen.Select(Text, Count, Gen.Bool), (h, c, x) => new Search { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c, Query = x.Item1, ResultsCount = x.Item2, ClickedResult = x.Item3 }),
        Make(Text, (h, c, x) => new Navigation { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c with { Article = null }, ToPage = x }),
        Make(Word<ReactionKind>(), (h, c, x) => new Reaction { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c, Kind = x }),
        Make(Word<PromptType>(), (h, c, x) => new SubscriptionPrompt { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c with { Article = null }, PromptType = x }),
        Make(Word<NewsletterType>(), (h, c, x) => new NewsletterSignup { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c, NewsletterType = x }),
        Make(Word<SubscriptionTier>(), (h, c, x) => new SubscriptionStart { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c, Tier = x }),
        Make(Gen.Select(Amount, Count), (h, c, x) => new SessionEnd { EventId = h.Id, EventTimeMicros = h.Time, UserId = h.User, SchemaVersion = h.Version, Context = c with { Article = null }, TotalDurationS = x.Item1, TotalEvents = x.Item2 }),
    ];

    public static readonly Gen<MediaEvent> Any = Gen.OneOf(EachType.ToArray());

    private static Gen<MediaEvent> Make<T>(Gen<T> own, Func<(EventId Id, long Time, UserId User, int Version), EventContext, T, MediaEvent> make) =>
        Gen.Select(Head, Context, own).Select((head, context, x) => make(head, context, x));

    private static Gen<TEnum> Word<TEnum>() where TEnum : struct, Enum => Among(Enum.GetValues<TEnum>());

    private static Gen<T> Among<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<T?> Maybe<T>(this Gen<T> gen) where T : struct => gen.Nullable();

    private static Gen<string?> MaybeNull(this Gen<string> gen) => Gen.Select(gen, Gen.Int[0, 4]).Select((text, x) => x == 0 ? null : text);
}
