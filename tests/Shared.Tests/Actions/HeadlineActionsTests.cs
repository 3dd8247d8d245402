using Media.Actions;
using Media.Events;
using Media.Features;
using Media.Models;

namespace Media.Tests.Actions;

public class HeadlineActionsTests
{
    private const long Hour = 3_600_000_000;
    private const long Day = 24 * Hour;
    private const long Now = 20 * Day;

    private static IReadOnlyList<SuggestedAction> Better(ArticleLog log, ActionOptions? options = null) =>
        HeadlineActions.Better("headline v2", new Asks(), log, Now, options ?? new ActionOptions(), TestContext.Current.CancellationToken);

    [Fact]
    public void ArticleUnderTest_GetsTheBetterHeadlineWithGainAndReasons()
    {
        var action = Assert.Single(Better(Log(("a", 16 * Day, "Why vote?", 10, 2), ("a", 16 * Day, "They vote", 10, 2), ("alone", 16 * Day, "Who won?", 10, 2))));
        Assert.Equal((ActionKind.Headline, "a", null, "headline v2", Now), (action.Kind, action.ArticleId, action.UserId, action.Models, action.AsOfMicros));
        // e^0.2 beside the mean of e^0.2 and e^-0.2.
        Assert.Equal(2 / (1 + Math.Exp(-0.4)), action.Score, 6);
        Assert.Equal("Keep the headline “Why vote?”: 19.7 % more clicks than its headlines in turn are expected.", action.Suggestion);
        Assert.Equal(["it asks a question"], action.Reasons);
    }

    [Fact]
    public void TestsOverOrTooSmallInGain_AreLeftAlone()
    {
        var log = Log(("old", 5 * Day, "Why vote?", 10, 2), ("old", 5 * Day, "They vote", 10, 2), ("same", 16 * Day, "They vote", 10, 2), ("same", 16 * Day, "We vote", 10, 2));
        Assert.Empty(Better(log));
        Assert.Equal("same", Assert.Single(Better(log, new ActionOptions { LeastHeadlineGain = 1 })).ArticleId);
    }

    [Fact]
    public void EventsFromTheInstantOn_AreNotSeen() =>
        Assert.Empty(Better(Log(("a", Now, "Why vote?", 10, 2), ("a", Now, "They vote", 10, 2))));

    [Fact]
    public void ClicksSoFar_OutweighTheModelWherePastTestsSayThatTitlesHaveMuchOfTheirOwn()
    {
        List<(string, long, string, int, int)> titles = [("a", 16 * Day, "Why vote?", 400, 20), ("a", 16 * Day, "They vote", 400, 80)];
        for (var i = 0; i < 20; i++) titles.AddRange([($"past-{i}", 3 * Day, $"They vote {i}", 400, i % 2 == 0 ? 40 : 80), ($"past-{i}", 3 * Day, $"We vote {i}", 400, i % 2 == 0 ? 80 : 40)]);
        var action = Assert.Single(Better(Log([.. titles])));
        Assert.Contains("“They vote”", action.Suggestion, StringComparison.Ordinal);
        Assert.Equal(["so far it was clicked 80 of 400 times (20.0 %), otherwise 20 of 400 (5.0 %)"], action.Reasons);
        Assert.InRange(action.Score, 1.2, 1.6);
    }

    [Fact]
    public void LargestGainFirst_NoMoreThanAsked()
    {
        var log = Log(("a", 16 * Day, "Why vote?", 10, 2), ("a", 16 * Day, "They vote", 10, 2), ("b", 16 * Day, "Why vote now?", 10, 2), ("b", 16 * Day, "They vote now", 10, 2), ("b", 16 * Day, "We vote now", 10, 2));
        Assert.Equal(["b", "a"], Better(log).Select(a => a.ArticleId!));
        Assert.Equal(["b"], Better(log, new ActionOptions { MostOfAKind = 1 }).Select(a => a.ArticleId!));
    }

    [Fact]
    public void EmptyLog_GivesNothing() => Assert.Empty(Better(ArticleLog.Empty));

    private static ArticleLog Log(params (string Article, long At, string Title, int Impressions, int Clicks)[] titles)
    {
        var gathering = new ArticleLog.Gathering();
        var id = 0;
        foreach (var (article, at, title, impressions, clicks) in titles)
            for (var i = 0; i < impressions + clicks; i++)
                gathering.Add(at + i * 1_000_000L, new EventId(new Guid(++id, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])), $"user-{id}", "welt", new Article(article, "politics", title, null, at, null), i < impressions ? ArticleAct.Impression : ArticleAct.Click, Surface.Home, 0, null);
        return gathering.ToLog();
    }

    /// <summary>Expects 0.4 more of a question than of another headline.</summary>
    private sealed class Asks : IModel, IExplains
    {
        public IReadOnlyList<string> Features => ["title_has_question_over_test", "title_words_over_test"];
        public int Outputs => 1;

        public void Predict(FeatureBatch x, Span<double> scores)
        {
            var asks = x.Select(["title_has_question_over_test"]).Values;
            for (var row = 0; row < x.Rows; row++) scores[row] = 0.4 * asks[row];
        }

        public double[] Contributions(FeatureBatch x)
        {
            var scores = new double[x.Rows];
            Predict(x, scores);
            return [.. scores.SelectMany(s => (double[])[s, 0, 0])];
        }

        public IReadOnlyList<FeatureImportance> Importances(FeatureBatch x) => throw new NotSupportedException();
        public void Save(Stream to) => throw new NotSupportedException();
    }
}
