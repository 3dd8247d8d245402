using Media.Features;
using Media.Models;
using Media.Models.LightGbm;

namespace Media.Tests.Models;

public class BoostedPartTests
{
    public static TheoryData<string> Supervised => [.. ModelCatalog.All.Values.OfType<ILabelledEstimator>().Select(e => e.Name)];

    [Theory, MemberData(nameof(Supervised))]
    public void OtherSettings_ChangeThatPartAndNoOther(string name)
    {
        var estimator = Assert.IsType<IBoosted>(ModelCatalog.Get(name), exactMatch: false);
        Assert.NotEmpty(estimator.Parts);
        for (var i = 0; i < estimator.Parts.Count; i++)
        {
            var part = estimator.Parts[i];
            var other = part.With(part.Fitting with { Folds = part.Fitting.Folds + 1, Trees = part.Fitting.Trees with { Leaves = 63 } });
            Assert.Equal(estimator.Name, other.Name);
            Assert.Equal(estimator.Parts.Select((p, at) => (p.Name, p.Objective, p.Scale, p.Fitting.Folds + (at == i ? 1 : 0), at == i ? 63 : p.Fitting.Trees.Leaves)),
                other.Parts.Select(p => (p.Name, p.Objective, p.Scale, p.Fitting.Folds, p.Fitting.Trees.Leaves)));
        }
    }

    [Fact]
    public void TwoPartsOfRevenue_LearnWhetherAndHowMuch()
    {
        var parts = new AdRevenueEstimator().Parts;
        var x = new FeatureBatch(["f"], ["a", "b", "c"], [1, 2, 3], [0, 0, 0], [10, 20, 30]);

        var (whether, labels) = parts[0].Learns(x, [0, 2.5f, 0.5f]);
        var (earned, amounts) = parts[1].Learns(x, [0, 2.5f, 0.5f]);

        Assert.Equal((LightGbmObjective.Binary, LightGbmObjective.Gamma), (parts[0].Objective, parts[1].Objective));
        Assert.Equal((3, 2), (whether.Rows, earned.Rows));
        Assert.Equal([0, 1, 1], labels);
        Assert.Equal([20, 30], earned.Values);
        Assert.Equal([2.5f, 0.5f], amounts);
    }
}
