using Media.Actions;
using Media.Features;
using Media.Lake;
using Media.Models;

namespace Media.Tests.Actions;

public class ReaderActionsTests
{
    private static readonly string[] Names = ["days_since_last_session", "recency_score", "has_newsletter", "subscription_free"];

    [Fact]
    public void WinBack_TakesLikelyLeaversAmongThoseLatelyHere()
    {
        var x = Readers(("a", 20, 0, 1), ("b", 5, 0, 1), ("c", 40, 0, 1), ("d", 25, 1, 1), ("e", 22, 0, 0));
        var actions = ReaderActions.WinBack(new ScoringModel("churn v3", new Line(), 0.3, new ChurnEstimator()), x, reader => reader switch { "a" => new ArticleForReader("story-1", "The storm"), "d" => new ArticleForReader("story-2", null), _ => null }, "recommendation v1", new ActionOptions { AtRisk = 0.4 });
        // c was not here for 28 days, b's 0.1 is too low.
        Assert.Equal(["d", "e", "a"], actions.Select(a => a.UserId!.Value.Value));
        Assert.Equal([0.5, 0.44, 0.4], actions.Select(a => Math.Round(a.Score, 6)));
        Assert.Equal(("Put this article at the top of the next newsletter.", "story-2", "churn v3, recommendation v1"), (actions[0].Suggestion, actions[0].ArticleId, actions[0].Models));
        Assert.Equal(("Offer a month at half price before the next bill.", null, "churn v3"), (actions[1].Suggestion, actions[1].ArticleId, actions[1].Models));
        Assert.Equal("Invite to the daily newsletter with this article. Because they read 'The storm'.", actions[2].Suggestion);
        // Days and score of recency are one theme: told once, by the stronger of the two.
        Assert.Equal(["days since the last visit: 25 (usual 22)"], actions[0].Reasons);
    }

    [Fact]
    public void WinBack_KeepsTheLikeliestOnly()
    {
        var x = Readers(("a", 20, 0, 1), ("b", 21, 0, 1), ("c", 21, 0, 1));
        Assert.Equal(["b", "c"], ReaderActions.WinBack(new ScoringModel("churn v1", new Line(), 0.3, new ChurnEstimator()), x, _ => null, "", new ActionOptions { AtRisk = 0, MostOfAKind = 2 }).Select(a => a.UserId!.Value.Value));
    }

    [Fact]
    public void Offer_IsTheMoreGenerousTheLessLikely()
    {
        var x = Readers(("paying", 28, 0, 0), ("sure", 28, 0, 1), ("likely", 12, 0, 1), ("newsletter", 6, 1, 1), ("new", 6, 0, 1), ("unlikely", 2, 0, 1));
        var actions = ReaderActions.Offer(new ScoringModel("conversion v1", new Line(), BaseRate: 0.05, new ConversionEstimator()), x, new ActionOptions());
        Assert.Equal(["sure", "likely", "new", "newsletter"], actions.Select(a => a.UserId!.Value.Value));
        Assert.Equal(4, actions.Select(a => a.Suggestion).Distinct().Count());
    }

    [Fact]
    public void OptionsOutOfRange_AreRefused() =>
        Assert.Contains("AtRisk", Assert.Throws<ArgumentException>(() => ReaderActions.Offer(new ScoringModel("c", new Line(), 0.1, new ConversionEstimator()), Readers(("a", 1, 0, 1)), new ActionOptions { AtRisk = 1.1 })).Message, StringComparison.Ordinal);

    [Fact]
    public void ModelThatCannotExplain_IsNamed() =>
        Assert.Contains("cannot say why", Assert.Throws<ArgumentException>(() => Reasons.Of(new Mute(), Readers(("a", 1, 0, 1)), [0], 3)).Message, StringComparison.Ordinal);

    [Fact]
    public void Actions_ComeBackEqualFromColumns()
    {
        SuggestedAction[] actions =
        [
            new(ActionKind.WinBack, new("a"), "story", "Do it.", 0.7, ["one", "two", "three"], "churn v1", 1_700_000_000_000_000),
            new(ActionKind.UnderPerforming, null, "story", "Look.", double.NaN, [], "trending v1", 1_700_000_000_000_001),
        ];
        var back = ActionColumns.Read(ActionColumns.From(actions, suggestedAtMicros: 5));
        Assert.Equal(actions.Select(a => a with { Reasons = [] }), back.Select(a => a with { Reasons = [] }));
        Assert.Equal(actions.Select(a => string.Join('|', a.Reasons)), back.Select(a => string.Join('|', a.Reasons)));
        Assert.Throws<ArgumentException>(() => ActionColumns.From([actions[0] with { Reasons = ["1", "2", "3", "4"] }], 5));
    }

    private static FeatureBatch Readers(params (string Id, float Days, float Newsletter, float Free)[] readers) =>
        new(Names, [.. readers.Select(r => r.Id)], [.. readers.Select(_ => 1L)], [.. readers.Select(_ => 0L)], [.. readers.SelectMany(r => (float[])[r.Days, 1 - r.Days / 50, r.Newsletter, r.Free])]);

    /// <summary>Says 0.02 for each day since the last visit, and explains it by days and recency.</summary>
    private sealed class Line : IModel, IExplains
    {
        public IReadOnlyList<string> Features => ["days_since_last_session", "recency_score"];
        public int Outputs => 1;

        public void Predict(FeatureBatch x, Span<double> scores)
        {
            var days = x.Select(["days_since_last_session"]).Values;
            for (var row = 0; row < x.Rows; row++) scores[row] = 0.02 * days[row];
        }

        public double[] Contributions(FeatureBatch x) => [.. x.Select(["days_since_last_session"]).Values.SelectMany(d => (double[])[0.02 * d, 0.01 * d, -1])];
        public IReadOnlyList<FeatureImportance> Importances(FeatureBatch x) => [];
        public void Save(Stream to) { }
    }

    private sealed class Mute : IModel
    {
        public IReadOnlyList<string> Features => [];
        public int Outputs => 1;
        public void Predict(FeatureBatch x, Span<double> scores) { }
        public void Save(Stream to) { }
    }
}
