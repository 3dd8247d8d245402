using Media.Events;
using Media.Features;
using Media.Models;
using Media.Sessions;

namespace Media.Tests.Models;

public class LabelTests
{
    private const long Day = 86_400_000_000;
    private const long AsOf = 1000 * Day;

    /// <summary>Each session from-to in days after as_of; the expected label of a horizon of 28 days, null = no row.</summary>
    [Theory]
    [InlineData("-3:-3", 1f)]
    [InlineData("-3:-3 5:5", 0f)]
    [InlineData("-28:-28", 1f)] // the window's first instant counts
    [InlineData("-29:-28.001", null)]
    [InlineData("-29:-28", 1f)] // reaches into it
    [InlineData("5:5", null)]
    [InlineData("-3:-3 0:0", 0f)] // as_of itself is after
    [InlineData("-3:-3 28:28", 1f)] // the horizon's end is not in it
    [InlineData("-3:-3 27.999:29", 0f)]
    [InlineData("-0.01:0.01", 0f)] // under way at as_of: was there before, is there after
    [InlineData("-40:-40 -3:-3 40:40", 1f)]
    public void Churn_IsAbsenceOverTheHorizon(string sessions, float? label) => Assert.Equal(label, new ChurnEstimator().LabelOf(Timeline(sessions), AsOf));

    [Fact]
    public void ChurnHorizon_IsAlsoTheActivityWindow()
    {
        var week = new ChurnEstimator { Horizon = TimeSpan.FromDays(7) };
        Assert.Null(week.LabelOf(Timeline("-8:-8"), AsOf));
        Assert.Equal(1f, week.LabelOf(Timeline("-6:-6 8:8"), AsOf));
        Assert.Contains("7 days", week.LabelDefinition, StringComparison.Ordinal);
    }

    /// <summary>A trailing letter sets the tier (f free, p premium, none absent in the data), an exclamation mark a subscription started within.</summary>
    [Theory]
    [InlineData("-3:-3f", 0f)]
    [InlineData("-3:-3f 5:5f!", 1f)]
    [InlineData("-3:-3f 28:28f!", 0f)]
    [InlineData("-3:-3f 0:0f!", 1f)]
    [InlineData("-3:-3p", null)]
    [InlineData("-9:-9p -3:-3f", 0f)] // the latest tier counts
    [InlineData("-9:-9f -3:-3p", null)]
    [InlineData("-3:-3", null)] // unknown is not free
    [InlineData("-9:-9f! -3:-3f", null)] // once a subscriber
    [InlineData("-3:-3f -0.01:0.01f!", null)] // before or after as_of is not known
    [InlineData("-30:-29f 5:5f!", null)] // not there lately
    [InlineData("5:5f!", null)]
    public void Conversion_IsASubscriptionStartAfterAsOf(string sessions, float? label) => Assert.Equal(label, new ConversionEstimator().LabelOf(Timeline(sessions), AsOf));

    [Fact]
    public void Rows_AreTheLabelledReadersOfEachInstantInOrder()
    {
        UserTimeline[] timelines = [Timeline("-3:-3", "a"), Timeline("-40:-40", "b"), Timeline("-3:-3 5:5", "c"), Timeline("-0.01:0.01", "d")];
        var set = new ChurnEstimator().RowsOf(new History(timelines, ArticleLog.Empty), [AsOf - 10 * Day, AsOf], TestContext.Current.CancellationToken);
        // At the first instant only b was there before, 30 days ago: no row. At the second d's session has not ended: a label, but no features.
        Assert.Equal(["a", "c"], set.X.Entities);
        Assert.Equal([1f, 0f], set.Y);
        Assert.All(set.X.AsOfMicros, asOf => Assert.Equal(AsOf, asOf));
        Assert.Equal(FeatureCatalog.Names, set.X.Names);
        Assert.Throws<ArgumentException>(() => new ChurnEstimator().RowsOf(new History(timelines, ArticleLog.Empty), [], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Catalogue_FindsModelsAndBaselinesApart()
    {
        Assert.Superset(new HashSet<string> { "churn", "click", "conversion", "engagement", "recommendation", "segmentation" }, ModelCatalog.All.Keys.ToHashSet());
        Assert.Superset(new HashSet<string> { "logistic", "random_forest", "single_feature", "small_net", "trivial" }, ModelCatalog.Baselines.Select(b => b.Name).ToHashSet());
        Assert.IsType<ChurnEstimator>(ModelCatalog.Get("churn"));
        Assert.Contains(string.Join(", ", ModelCatalog.All.Keys), Assert.Throws<ArgumentException>(() => ModelCatalog.Get("chrun")).Message, StringComparison.Ordinal);
        Assert.Equal(["sessions_7d"], ModelCatalog.Baselines[0].Over(["sessions_7d"]).Features);
        Assert.Throws<ArgumentException>(() => new SingleFeatureEstimator().Over(["sessions_7d"]));
    }

    private static UserTimeline Timeline(string sessions, string user = "reader") => new(new UserId(user), [.. sessions.Split(' ').Select(s =>
    {
        var bounds = s.TrimEnd('f', 'p', '!').Split(':').Select(d => AsOf + (long)(double.Parse(d, System.Globalization.CultureInfo.InvariantCulture) * Day)).ToArray();
        var metrics = new double[SessionMetrics.All.Count];
        metrics[SessionMetrics.SubscriptionStarts.Index] = s.Contains('!', StringComparison.Ordinal) ? 1 : 0;
        return new Session
        {
            SessionId = s,
            UserId = new UserId(user),
            SessionStartMicros = bounds[0],
            SessionEndMicros = bounds[1],
            SubscriptionTier = s.Contains('f', StringComparison.Ordinal) ? SubscriptionTier.Free : s.Contains('p', StringComparison.Ordinal) ? SubscriptionTier.Premium : null,
            ClosedBy = ClosedBy.Gap,
            Metrics = metrics,
        };
    })]);
}
