using System.Buffers;
using Media.Events;
using Media.Events.Simulator;

namespace Media.Tests.Events.Simulator;

public class EventSimulatorTests
{
    private static readonly SimulatorOptions Small = new() { Users = 150, Days = 45, Seed = 7 };

    [Fact]
    public void Events_AscendInTime_WithUniqueIdsOfVersion7()
    {
        var previous = 0L;
        var ids = new HashSet<EventId>();
        foreach (var e in new EventSimulator(Small).Events())
        {
            Assert.True(e.EventTimeMicros >= previous);
            Assert.True(ids.Add(e.EventId));
            Assert.Equal(7, e.EventId.Value.Version);
            previous = e.EventTimeMicros;
        }
        Assert.True(ids.Count > 10_000);
    }

    [Fact]
    public void SameOptions_OnSeveralThreads_GiveTheSameEvents()
    {
        var expected = new EventSimulator(Small).Events().ToList();
        var shared = new EventSimulator(Small);
        var again = new List<MediaEvent>[4];
        Parallel.For(0, again.Length, i => again[i] = [.. shared.Events()]);
        Assert.All(again, events => Assert.Equal(expected, events));
    }

    [Fact]
    public void OtherSeed_GivesOtherEvents()
    {
        var one = new EventSimulator(Small).Events().Take(1_000).Select(e => e.EventId);
        var other = new EventSimulator(Small with { Seed = 8 }).Events().Take(1_000).Select(e => e.EventId);
        Assert.Empty(one.Intersect(other));
    }

    [Fact]
    public void EveryEvent_ReadsBackAsWritten()
    {
        var reader = new EventReader();
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var e in new EventSimulator(Small).Events())
        {
            buffer.ResetWrittenCount();
            EventWriter.Write(e, buffer);
            Assert.True(reader.TryRead(buffer.WrittenSpan, e.EventTime, -1, -1, out var read, out var bad), $"{bad?.Reason} {bad?.Field}");
            Assert.Equal(e, read);
        }
    }

    [Fact]
    public void EveryTypeOfEvent_Occurs() =>
        Assert.Equal(Enum.GetValues<EventType>(), new EventSimulator(Small).Events().Select(e => e.EventType).Distinct().Order());

    [Fact]
    public void Visits_AreApartByMoreThanTheGap_AndNeverCrossMidnight()
    {
        var options = Small with { Users = 400, Days = 60 };
        var gap = 30 * Clock.Minute;
        var latest = new Dictionary<UserId, MediaEvent>();
        var begun = new HashSet<string>();
        foreach (var e in new EventSimulator(options).Events())
        {
            if (latest.TryGetValue(e.UserId, out var before))
            {
                var same = before.ClientSessionId == e.ClientSessionId;
                Assert.Equal(same, e.EventTimeMicros - before.EventTimeMicros <= gap);
                if (same) Assert.True(e.EventTimeMicros > before.EventTimeMicros && e.EventTime.Date == before.EventTime.Date);
                else Assert.True(begun.Add(e.ClientSessionId!));
            }
            latest[e.UserId] = e;
        }
    }

    [Fact]
    public void TwoOfferedArticlesOfARound_AreNeverTheSame()
    {
        string? previous = null;
        foreach (var e in new EventSimulator(Small with { Users = 1 }).Events())
        {
            var article = e is ArticleImpression { Position: > 0 } ? e.Article!.ArticleId : null;
            if (article is not null) Assert.NotEqual(previous, article);
            previous = e is ArticleImpression ? e.Article!.ArticleId : null;
        }
    }

    [Fact]
    public void Articles_AreOfferedOnlyAfterPublication_AndForAWeek() =>
        Assert.All(new EventSimulator(Small).Events().Where(e => e.Article is not null),
            e => Assert.InRange(e.EventTimeMicros - e.Article!.PublishedAtMicros!.Value, 0, (Newsroom.DaysOnOffer + 1) * Clock.Day));

    [Fact]
    public void DefaultSize_IsTwoHundredThousandSessionsAndTwoMillionEvents()
    {
        var events = 0;
        var sessions = new HashSet<string>();
        foreach (var e in new EventSimulator(new SimulatorOptions()).Events())
        {
            events++;
            sessions.Add(e.ClientSessionId!);
        }
        Assert.InRange(sessions.Count, 170_000, 240_000);
        Assert.InRange(events, 1_700_000, 2_500_000);
    }

    [Fact]
    public void OptionsOutOfRange_AreAllNamedAtOnce()
    {
        var wrong = Assert.Throws<ArgumentException>(() => new EventSimulator(new SimulatorOptions { Users = 0, Signal = 2, Brands = [new BrandOptions("one", [])] }));
        Assert.All(new[] { "Users", "Signal", "Brands", "'one'" }, name => Assert.Contains(name, wrong.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void OtherBrands_AreUsed()
    {
        var brands = new BrandOptions[] { new("daily", ["city", "arts"]), new("weekly", ["garden"]) };
        var events = new EventSimulator(Small with { Brands = brands }).Events().ToList();
        Assert.Equal(["daily", "weekly"], events.Select(e => e.Brand).Distinct().Order());
        Assert.Equal(["arts", "city", "garden"], events.Select(e => e.Article?.Category).OfType<string>().Distinct().Order());
    }
}
