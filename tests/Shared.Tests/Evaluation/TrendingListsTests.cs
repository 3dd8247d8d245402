using Media.Evaluation;
using Media.Features;
using Media.Models;

namespace Media.Tests.Evaluation;

public class TrendingListsTests
{
    private const long Hour = 3_600_000_000;
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public void HoursWithFewerThanTenViewedArticles_AreNotJudged()
    {
        // Hour 1: twelve of fifteen viewed; hour 2: nine of fifteen.
        var rows = Rows((1, 15, i => i < 12 ? i + 1 : 0), (2, 15, i => i < 9 ? 1 : 0));
        var judged = TrendingLists.Judged(rows);
        Assert.Equal(15, judged.Rows);
        Assert.All(judged.X.AsOfMicros, t => Assert.Equal(Hour, t));
        // The tenth most viewed of 12, 11, …, 1 has three.
        Assert.Equal(judged.Y.Select(y => y >= 3 ? 1f : 0f), TrendingLists.Right(judged));
    }

    [Fact]
    public void Precision_IsTheShareOfRightOnesInTheFirstTen()
    {
        var judged = TrendingLists.Judged(Rows((1, 20, i => i < 10 ? 5 : 0), (30, 20, i => i < 10 ? 5 : 0)));
        // The first list has all ten at the top, the second six of ten.
        double[] scores = [.. Enumerable.Range(0, 20).Select(i => -i), .. Enumerable.Range(0, 20).Select(i => i is >= 6 and < 10 ? -100.0 : -i)];
        var precision = TrendingLists.Precision(judged, scores, new BootstrapOptions(), Cancel);
        Assert.Equal(0.8, precision.Value, 9);
        Assert.Equal((0.6, 1.0), (precision.Low, precision.High));
    }

    private static LabelledRows Rows(params (int Hour, int Rows, Func<int, float> Views)[] lists)
    {
        long[] at = [.. lists.SelectMany(l => Enumerable.Repeat(l.Hour * Hour, l.Rows))];
        string[] articles = [.. lists.SelectMany(l => Enumerable.Range(0, l.Rows).Select(i => $"article-{i}"))];
        return LabelledRows.Of(new FeatureBatch(["a"], articles, at, [.. at.Select(t => t - 1)], new float[at.Length]), [.. lists.SelectMany(l => Enumerable.Range(0, l.Rows).Select(l.Views))], TimeSpan.FromHours(6));
    }
}
