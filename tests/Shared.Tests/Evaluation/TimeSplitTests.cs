using Media.Evaluation;
using Media.Features;
using Media.Models;

namespace Media.Tests.Evaluation;

public class TimeSplitTests
{
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(28);

    private static DateTimeOffset Day(int day) => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day);

    private static long Micros(DateTimeOffset t) => t.ToUnixTimeMilliseconds() * 1000;

    private static LabelledRows Rows(params (string User, DateTimeOffset AsOf)[] rows)
    {
        long[] asOf = [.. rows.Select(r => Micros(r.AsOf))];
        var x = new FeatureBatch(["f"], [.. rows.Select(r => r.User)], asOf, [.. asOf.Select(t => t - 1)], new float[rows.Length]);
        return LabelledRows.Of(x, new float[rows.Length], Horizon);
    }

    [Fact]
    public void WeeklyGrid_LabelsStillOpenAtTheTest_Skipped()
    {
        var split = TimeSplit.Of(TimeSplit.Grid(Day(0), Day(56), TimeSpan.FromDays(7)), Horizon);
        Assert.Equal(Day(56), split.Test);
        Assert.Equal([Day(0), Day(7), Day(14), Day(21), Day(28)], split.Train);
        Assert.Equal([Day(35), Day(42), Day(49)], split.Skipped);
    }

    [Fact]
    public void Grid_StepDoesNotFit_CountsBackFromTheLast() => Assert.Equal([Day(1), Day(8)], TimeSplit.Grid(Day(0), Day(8), TimeSpan.FromDays(7)));

    [Fact]
    public void GridShorterThanTheHorizon_Refused() =>
        Assert.Contains("28 days before the test at 2026-01-28", Assert.Throws<ArgumentException>(() => TimeSplit.Of([Day(0), Day(27)], Horizon)).Message);

    [Fact]
    public void Cut_RowsOfAllInstants_PartsByInstantInOrder()
    {
        var split = TimeSplit.Of([Day(0), Day(14), Day(28)], Horizon);
        var (train, test) = split.Cut(Rows(("b", Day(28)), ("a", Day(0)), ("a", Day(14)), ("a", Day(28)), ("c", Day(0))));
        Assert.Equal(["a", "c"], train.X.Entities);
        Assert.Equal(["b", "a"], test.X.Entities);
    }

    [Fact]
    public void Cut_UserTwiceForOneInstant_Refused() =>
        Assert.Contains("'a' stands twice", Assert.Throws<ArgumentException>(() => TimeSplit.Of([Day(0), Day(28)], Horizon).Cut(Rows(("a", Day(0)), ("a", Day(0)), ("a", Day(28))))).Message);

    [Fact]
    public void Cut_ForeignInstant_Refused()
    {
        Assert.Contains("before every instant", Assert.Throws<ArgumentException>(() => TimeSplit.Of([Day(0), Day(28)], Horizon).Cut(Rows(("a", Day(-1))))).Message);
        // As of a day after the first instant its window ends a day after the horizon from there.
        Assert.Contains("label window", Assert.Throws<ArgumentException>(() => TimeSplit.Of([Day(0), Day(28)], Horizon).Cut(Rows(("a", Day(1))))).Message);
    }

    [Fact]
    public void Cut_RowBetweenTwoInstants_BelongsToTheEarlier()
    {
        var keys = Rows(("a", Day(1)), ("a", Day(3)), ("b", Day(29)), ("b", Day(-1)));
        var week = new LabelledRows(keys.X, keys.Y, [.. keys.X.AsOfMicros.Select(t => new LabelWindow(t, t + 1))]).Take([0, 1, 2]);
        var (train, test) = TimeSplit.Of([Day(0), Day(28)], Horizon).Cut(week);
        Assert.Equal(["a", "a"], train.X.Entities);
        Assert.Equal(["b"], test.X.Entities);
    }

    [Fact]
    public void Cut_LabelLongerThanTheHorizon_Refused()
    {
        var rows = Rows(("a", Day(0)), ("a", Day(28)));
        var longer = new LabelledRows(rows.X, rows.Y, [.. rows.Windows.Select(w => new LabelWindow(w.StartMicros, w.EndMicros + 1))]);
        Assert.Contains("label window", Assert.Throws<ArgumentException>(() => TimeSplit.Of([Day(0), Day(28)], Horizon).Cut(longer)).Message);
    }

    [Fact]
    public void Cut_NoTestRow_Refused() =>
        Assert.Contains("test instant", Assert.Throws<ArgumentException>(() => TimeSplit.Of([Day(0), Day(28)], Horizon).Cut(Rows(("a", Day(0))))).Message);

    [Fact]
    public void LabelWindow_EndNotAfterStart_Refused() => Assert.Throws<ArgumentException>(() => new LabelWindow(5, 5));
}
