using Media.Actions;
using Media.Features;
using Media.Models;

namespace Media.Tests.Actions;

public class EditorActionsTests
{
    private static readonly string[] Names = ["log_usual_views_6h", "attention_level", "attention_recent", "attention_burst_probability", "age_h", "article_views"];

    [Fact]
    public void Articles_AreToldByWhereTheyStand()
    {
        // Usual: 10 views in six hours. The stub expects as many times that as the level says.
        var x = Articles(("bursting", 1, 4.2, 0.99), ("ahead", 2, 1, 0.1), ("usual", 1, 1, 0.1), ("behind", 0.5, 1, 0.1), ("far_behind", 0.2, 1, 0.1));
        var actions = EditorActions.Of(new ByLevel(), "trending v3", x);
        Assert.Equal([(ActionKind.Trending, "ahead"), (ActionKind.Trending, "bursting"), (ActionKind.UnderPerforming, "far_behind"), (ActionKind.UnderPerforming, "behind")], actions.Select(a => (a.Kind, a.ArticleId!)));
        Assert.Equal("Put it at the top while it lasts.", actions[1].Suggestion);
        Assert.Equal(["in the last three hours 4.2 times its own pace, 99 % sure of a burst; 40 views in 5 h"], actions[1].Reasons);
        Assert.Equal(20, actions[0].Score, 1e-4);
        Assert.All(actions, a => Assert.Equal((null, "trending v3", 7), (a.UserId?.Value, a.Models, a.AsOfMicros)));
    }

    [Fact]
    public void NoArticles_NoActions() => Assert.Empty(EditorActions.Of(new ByLevel(), "trending v1", Articles()));

    private static FeatureBatch Articles(params (string Id, double Level, double Recent, double Burst)[] rows) =>
        new(Names, [.. rows.Select(r => r.Id)], [.. rows.Select(_ => 7L)], [.. rows.Select(_ => 6L)],
            [.. rows.SelectMany(r => new[] { MathF.Log(11), (float)r.Level, (float)r.Recent, (float)r.Burst, 5, 40 })]);

    private sealed class ByLevel : IModel
    {
        public IReadOnlyList<string> Features => Names;
        public int Outputs => 1;

        public void Predict(FeatureBatch x, Span<double> scores)
        {
            for (var row = 0; row < scores.Length; row++) scores[row] = Math.Log(1 + (Math.Exp(x.Row(row)[0]) - 1) * x.Row(row)[1]);
        }

        public void Save(Stream to) => throw new NotSupportedException();
    }
}
