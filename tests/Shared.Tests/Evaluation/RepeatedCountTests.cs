using Media.Evaluation;

namespace Media.Tests.Evaluation;

public class RepeatedCountTests
{
    private const long Day = 86_400_000_000, Hour = Day / 24;

    [Fact]
    public void EverySessionIsAppendedOnEachDayOfItsWindow_ByHand()
    {
        // Two days are read: a on days 0 and 1, b on days 1 and 2, c on the last.
        var count = RepeatedCount.Of([("b", Day + Hour), ("a", 23 * Hour), ("c", 3 * Day)], 2);
        Assert.Equal([new(1970, 1, 1), new(1970, 1, 2), new(1970, 1, 3), new(1970, 1, 4)], count.Days);
        Assert.Equal([1, 3, 4, 5], count.Rows);
        Assert.Equal([1, 2, 2, 3], count.Distinct);
        Assert.Equal(5.0 / 3, count.TimesEach, 1e-12);
    }

    [Fact]
    public void OldSessions_StandAsOftenAsTheWindowHasDays()
    {
        var count = RepeatedCount.Of([.. Enumerable.Range(0, 10).Select(i => ($"s{i}", i * Hour)), ("last", 200 * Day)], 90);
        Assert.Equal(10 * 90 + 1, count.Rows[^1]);
        Assert.Equal(11, count.Distinct[^1]);
    }

    [Fact]
    public void SameIdTwice_IsOneSession() =>
        Assert.Equal((2, 2), RepeatedCount.Of([("a", Day), ("b", Day), ("a", Day)], 90) is var count ? (count.Distinct[^1], count.Rows[^1]) : default);

    [Fact]
    public void NothingToCount_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => RepeatedCount.Of([], 90));
        Assert.Throws<ArgumentOutOfRangeException>(() => RepeatedCount.Of([("a", Day)], 0));
    }
}
