using Media.Features;
using Media.Features.Articles;
using Media.Models;

namespace Media.Actions;

/// <summary>Which articles editors should look at: those that trend, and those that stay behind.</summary>
/// <remarks>Pure, thread-safe.</remarks>
public static class EditorActions
{
    /// <summary>Most articles of each kind.</summary>
    private const int Most = 20;

    /// <summary>Trending articles by expected views, falling; then those behind, the most views short of the usual first. Equal ones by id.</summary>
    /// <param name="trending">The model of ln(1 + views in the next 6 h).</param>
    /// <param name="name">With its version, for example <c>trending v3</c>.</param>
    /// <param name="articles">Rows of one instant (<see cref="ArticleFeatures"/>).</param>
    public static IReadOnlyList<SuggestedAction> Of(IModel trending, string name, FeatureBatch articles)
    {
        var expected = new double[articles.Rows];
        trending.Predict(articles, expected);
        var told = TrendingNow.Of(articles, expected);
        return
        [
            .. told.Where(a => a.State is TrendingState.Bursting or TrendingState.Ahead).Take(Most).Select(a => Action(ActionKind.Trending, a, a.State == TrendingState.Bursting ? "Put it at the top while it lasts." : "Keep it high on the page.")),
            .. told.Where(a => a.State == TrendingState.UnderPerforming).OrderByDescending(a => a.UsualViews - a.ExpectedViews).ThenBy(a => a.ArticleId, StringComparer.Ordinal).Take(Most)
                .Select(a => Action(ActionKind.UnderPerforming, a, "Try another headline, or give its place to another.")),
        ];

        SuggestedAction Action(ActionKind kind, TrendingArticle article, string suggestion) =>
            new(kind, UserId: null, article.ArticleId, suggestion, article.ExpectedViews, [article.Reason.TrimEnd('.')], name, articles.AsOfMicros[0]);
    }
}
