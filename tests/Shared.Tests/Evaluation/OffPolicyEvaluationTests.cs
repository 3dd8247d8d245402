using Media.Evaluation;
using Media.Events.Archives;

namespace Media.Tests.Evaluation;

public sealed class OffPolicyEvaluationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-off-policy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void OpenBanditMen_IpwAndSnipwToTheDigit_DrWithinTheTruthsInterval()
    {
        var logged = OpenBanditArchive.Read(SharedData.PathOrSkip("data", "open_bandit_men", "random_men.csv.gz"), Assert.Fail, TestContext.Current.CancellationToken);
        var target = OpenBanditArchive.Read(SharedData.PathOrSkip("data", "open_bandit_men", "bts_men.csv.gz"), Assert.Fail, TestContext.Current.CancellationToken);
        Assert.All(logged.Propensities, p => Assert.Equal(1.0 / 34, p));
        var values = OffPolicyEvaluation.Evaluate(logged, target, new OffPolicyEvaluationOptions(), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(values.ToString());
        Assert.Equal(0.0069, values.Truth.Value, 1e-12);
        Assert.Equal(0.0046, values.LoggedMean.Value, 1e-12);
        Assert.Equal(5.66, 1_000 * values.Ipw.Value, 0.005);
        Assert.Equal(5.74, 1_000 * values.Snipw.Value, 0.005);
        Assert.InRange(values.Dr.Value, values.Truth.Low, values.Truth.High);
        Assert.InRange(values.Truth.Value, values.Dr.Low, values.Dr.High);
    }

    [Fact]
    public void UnnamedColumnAbsent_OtherOrderAndMissingAffinity_AreRead()
    {
        var log = OpenBanditArchive.Read(Written("a.csv", "click,item_id,position,timestamp,propensity_score,user_feature_0,user-item_affinity_7,user-item_affinity_3", "1,7,2,t1,0.5,x,0.0,2", "0,3,1,t1,0.25,,,0", "0,3,1,t2,0.25,x,1.5,0"), Assert.Fail, TestContext.Current.CancellationToken);
        Assert.Equal([7, 3, 3], log.Items);
        Assert.Equal([2, 1, 1], log.Positions);
        Assert.Equal([(byte)1, (byte)0, (byte)0], log.Clicked);
        Assert.Equal([0, 0, 1], log.TimeGroups);
        Assert.Equal([0, 1, 0], log.UserFeatures[0]);
        Assert.Equal([3, 7], log.AffinityItems);
        Assert.Equal([0, 1, 1, 2], log.AffinityStarts);
        Assert.Equal([0, 1], log.AffinityColumns);
        Assert.Equal([2f, 1.5f], log.Affinities);
    }

    [Theory]
    [InlineData("0,1,1,0,0", "above 0")]
    [InlineData("0,1,1,0,", "no propensity_score")]
    [InlineData("0,1,1,0,1.5", "at most 1")]
    [InlineData("0,1,1,2,0.5", "neither 0 nor 1")]
    [InlineData("0,-1,1,0,0.5", "below 0")]
    [InlineData("0,one,1,0,0.5", "not a number")]
    public void BadRow_IsNamed(string row, string says)
    {
        var fault = Assert.Throws<InvalidDataException>(() => OpenBanditArchive.Read(Written("bad.csv", "timestamp,item_id,position,click,propensity_score", row), Assert.Fail, TestContext.Current.CancellationToken));
        Assert.Contains("bad.csv row 1", fault.Message, StringComparison.Ordinal);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoRow_IsRefused() => Assert.Contains("no row", Assert.Throws<InvalidDataException>(() =>
        OpenBanditArchive.Read(Written("none.csv", "timestamp,item_id,position,click,propensity_score"), Assert.Fail, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

    [Fact]
    public void LogsThatDoNotFit_AreRefused()
    {
        var logged = Log("logged.csv", Enumerable.Range(0, 30).Select(i => (Item: i % 3, Position: 1 + i % 2, Click: 0)));
        Refuses("positions", Log("other.csv", [(0, 3, 0), (1, 1, 1)]));
        Refuses("none of the items", Log("foreign.csv", [(8, 1, 0), (9, 2, 1)]));
        Assert.Contains("instants", Assert.Throws<InvalidDataException>(() => OffPolicyEvaluation.Evaluate(Log("short.csv", [(0, 1, 0), (0, 2, 0)]), logged, new OffPolicyEvaluationOptions(), TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

        void Refuses(string says, OpenBanditLog target) => Assert.Contains(says,
            Assert.Throws<InvalidDataException>(() => OffPolicyEvaluation.Evaluate(logged, target, new OffPolicyEvaluationOptions(), TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoClickAtAll_IsWorthZero_AndItemsWithoutSupportAreTold()
    {
        var logged = Log("logged.csv", Enumerable.Range(0, 60).Select(i => (Item: i % 3, Position: 1, Click: 0)));
        var values = OffPolicyEvaluation.Evaluate(logged, Log("target.csv", [(0, 1, 0), (1, 1, 0), (2, 1, 1), (5, 1, 0)]), new OffPolicyEvaluationOptions(), TestContext.Current.CancellationToken);
        Assert.Equal(0, values.Dr.Value);
        Assert.Equal(0, values.Ipw.Value);
        Assert.Equal(0.25, values.Truth.Value);
        Assert.Equal(0.75, values.CoveredShare);
    }

    private OpenBanditLog Log(string name, IEnumerable<(int Item, int Position, int Click)> rows) =>
        OpenBanditArchive.Read(Written(name, [.. rows.Select((r, i) => $"{i},{r.Item},{r.Position},{r.Click},0.333").Prepend("timestamp,item_id,position,click,propensity_score")]), Assert.Fail, TestContext.Current.CancellationToken);

    private string Written(string name, params string[] lines)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }
}
