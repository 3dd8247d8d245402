using Media.Events;
using Media.Features;
using Media.Sessions;
using static Media.Tests.Sessions.EventStreams;

namespace Media.Tests.Features;

public class FeatureCatalogTests
{
    private const string Contract = """
        total_sessions avg_session_duration_s min_session_duration_s max_session_duration_s std_session_duration_s avg_events_per_session avg_pages_per_session avg_categories_per_session
        avg_article_views avg_article_clicks avg_video_plays avg_searches total_newsletter_signups total_ad_clicks avg_engagement_score
        has_newsletter newsletter_signup_rate
        brand_bild_share brand_welt_share brand_business_insider_share brand_politico_share brand_sport_bild_share
        session_frequency_per_day recent_engagement_score engagement_per_minute content_diversity brand_loyalty click_through_rate video_completion_rate recency_score activity_score
        days_active days_since_last_session sessions_1d sessions_7d sessions_28d
        subscription_free subscription_premium subscription_pro subscription_enterprise
        segment_casual segment_engaged segment_new_visitor segment_power_user segment_returning segment_subscriber
        device_app device_desktop device_mobile device_smart_tv device_tablet
        country_AT country_AU country_CH country_DE country_EU country_FR country_UK country_US
        """;

    [Fact]
    public void Names_AreTheContractsInItsOrder()
    {
        Assert.Equal(59, FeatureCatalog.Names.Count);
        Assert.Equal(Contract.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), FeatureCatalog.Names);
    }

    [Fact]
    public void RandomReaders_HaveTheOraclesFeatures()
    {
        var rows = 0;
        for (var seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            var timelines = UserTimelines.From(RandomSessions(random));
            var asOfs = RandomInstants(random, timelines);
            var batches = FeatureCatalog.BuildMany(timelines, asOfs);
            for (var i = 0; i < asOfs.Count; i++)
            {
                var expected = timelines.Select(t => (t.UserId, Features: BruteForceFeatures.Of(t.Sessions, asOfs[i]))).Where(r => r.Features is not null).ToList();
                Assert.Equal(expected.Select(r => r.UserId.Value), batches[i].Entities);
                for (var row = 0; row < expected.Count; row++)
                {
                    foreach (var (name, value) in batches[i].Names.Zip(batches[i].Row(row).ToArray()))
                        Assert.True(Close(expected[row].Features![name], value), $"seed {seed}, {name}: expected {expected[row].Features![name]:R}, got {value:R}");
                    Assert.True(batches[i].LatestEventMicros[row] < batches[i].AsOfMicros[row]);
                    rows++;
                }
            }
        }
        Assert.True(rows > 5_000);
    }

    [Fact]
    public void SessionsAtOrAfterAsOf_ChangeNothing()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var sessions = RandomSessions(random).ToList();
            var asOf = RandomInstants(random, UserTimelines.From(sessions))[1];
            var before = FeatureCatalog.Build(UserTimelines.From(sessions.Where(s => s.SessionEndMicros < asOf)), asOf);
            var with = FeatureCatalog.Build(UserTimelines.From(sessions), asOf);
            Assert.Equal(before.Entities, with.Entities);
            Assert.Equal(before.Values, with.Values);
        }
    }

    [Fact]
    public void SessionThatEndsAtAsOf_IsNotSeen()
    {
        var session = RandomSessions(new Random(1)).First();
        var timelines = UserTimelines.From([session]);
        Assert.Equal(0, FeatureCatalog.Build(timelines, session.SessionEndMicros).Rows);
        Assert.Equal(1, FeatureCatalog.Build(timelines, session.SessionEndMicros + 1).Rows);
    }

    [Fact]
    public void ProfileGrownSessionBySession_EqualsTheBatchToTheBit()
    {
        var timelines = UserTimelines.From(RandomSessions(new Random(2)));
        foreach (var timeline in timelines)
        {
            var profile = new UserProfile();
            foreach (var session in timeline.Sessions)
            {
                profile.Add(session);
                var served = new float[FeatureCatalog.All.Count];
                FeatureCatalog.Write(profile, session.SessionEndMicros + 1, served);
                var batch = FeatureCatalog.Build([timeline], session.SessionEndMicros + 1);
                Assert.Equal(batch.Row(0), served);
            }
        }
    }

    [Fact]
    public void SessionsInAnyOrder_GiveTheSameTimelines()
    {
        var sessions = RandomSessions(new Random(3)).ToArray();
        var inOrder = UserTimelines.From(sessions);
        new Random(4).Shuffle(sessions);
        var shuffled = UserTimelines.From(sessions);
        Assert.Equal(inOrder.Select(t => t.UserId), shuffled.Select(t => t.UserId));
        Assert.Equal(inOrder.SelectMany(t => t.Sessions).Select(s => s.SessionId), shuffled.SelectMany(t => t.Sessions).Select(s => s.SessionId));
    }

    [Fact]
    public void ArchiveReader_HasNaNWhereTheArchiveIsSilent_AndZeroForAnotherCountry()
    {
        var sessionizer = new Sessionizer(new SessionOptions());
        var sessions = new List<Session>();
        sessionizer.Add(At<ArticleView>(Start) with { Article = new Article("a", null, null, null, null, null), Country = "BR" }, sessions);
        sessionizer.Flush(sessions);
        var batch = FeatureCatalog.Build(UserTimelines.From(sessions), Start + Day);
        var row = batch.Names.Zip(batch.Row(0).ToArray()).ToDictionary(p => p.First, p => p.Second);
        foreach (var name in new[] { "brand_bild_share", "brand_loyalty", "content_diversity", "avg_categories_per_session", "click_through_rate", "subscription_free", "segment_casual", "device_app" })
            Assert.True(float.IsNaN(row[name]), name);
        Assert.All(row.Where(f => f.Key.StartsWith("country_", StringComparison.Ordinal)), f => Assert.Equal(0, f.Value));
        Assert.Equal((1, 1, 1), (row["total_sessions"], row["avg_article_views"], row["days_since_last_session"]));
    }

    [Fact]
    public void BritainsIsoCode_IsTheColumnUk()
    {
        var session = RandomSessions(new Random(5)).First() with { Country = "GB" };
        Assert.Equal(1, FeatureCatalog.Build(UserTimelines.From([session]), session.SessionEndMicros + 1).Select(["country_UK"]).Values[0]);
    }

    [Fact]
    public void InstantsThatDoNotAscend_AreRefused() => Assert.Throws<ArgumentException>(() => FeatureCatalog.BuildMany([], [2, 2]));

    [Fact]
    public void ProfileAsOfItsOwnSession_IsRefused()
    {
        var profile = new UserProfile();
        var session = RandomSessions(new Random(6)).First();
        profile.Add(session);
        Assert.Throws<ArgumentException>(() => FeatureCatalog.Write(profile, session.SessionEndMicros, new float[59]));
        Assert.Throws<ArgumentException>(() => profile.Add(session with { SessionEndMicros = session.SessionEndMicros - 1 }));
        Assert.Throws<ArgumentException>(() => profile.Add(session with { UserId = new UserId("another") }));
    }

    private static List<Session> RandomSessions(Random random)
    {
        var options = RandomOptions(random);
        var sessionizer = new Sessionizer(options);
        var sessions = new List<Session>();
        foreach (var e in InOrder(random, options, 80)) sessionizer.Add(e, sessions);
        sessionizer.Flush(sessions);
        return sessions;
    }

    /// <summary>Three ascending instants, some of them exactly a session's end or a whole window after one.</summary>
    private static List<long> RandomInstants(Random random, IReadOnlyList<UserTimeline> timelines)
    {
        var sessions = timelines.SelectMany(t => t.Sessions).ToList();
        var instants = new SortedSet<long>();
        while (instants.Count < 3)
        {
            var end = sessions[random.Next(sessions.Count)].SessionEndMicros;
            instants.Add(end + random.Next(6) switch { 0 => 0, 1 => 1, 2 => Day, 3 => 7 * Day, 4 => 28 * Day, _ => random.NextInt64(40 * Day) });
        }
        return [.. instants];
    }

    /// <summary>Equal to a float's precision, or both NaN.</summary>
    private static bool Close(double expected, float actual) => double.IsNaN(expected) ? float.IsNaN(actual) : Math.Abs(expected - actual) <= 1e-6 * Math.Max(1, Math.Abs(expected));
}
