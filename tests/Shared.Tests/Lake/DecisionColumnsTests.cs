using Media.Bandit;
using Media.Lake;

namespace Media.Tests.Lake;

public sealed class DecisionColumnsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static readonly LoggedDecision[] Decisions =
    [
        new("d1", "ad_slot", "u-ä", "header", 0.25, "3.17", 1_767_225_599_999_999),
        new("d2", "ad_slot", "u2", "footer", 0.01, "3.18", 1_767_225_600_000_000),
    ];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Decisions_WrittenAndRead_AreTheSame()
    {
        var table = await DeltaTable.CreateOrOpenAsync(new LocalObjectStore(_folder.Path), "decisions", Tables.Decisions, TestContext.Current.CancellationToken);
        await table.AppendAsync([DecisionColumns.From(Decisions)], transaction: null, TestContext.Current.CancellationToken);
        var read = new List<LoggedDecision>();
        await foreach (var batch in table.ReadAsync(TestContext.Current.CancellationToken)) read.AddRange(DecisionColumns.Read(batch));
        Assert.Equal(Decisions, read.OrderBy(d => d.DecisionId));
    }

    [Fact]
    public async Task Rewards_WrittenAndRead_AreTheSame()
    {
        LoggedReward[] rewards = [new(Decisions[0], true, 0.75, 1_767_225_700_000_001), new(Decisions[1], false, 0, 1_767_225_700_000_002)];
        var table = await DeltaTable.CreateOrOpenAsync(new LocalObjectStore(_folder.Path), "rewards", Tables.Rewards, TestContext.Current.CancellationToken);
        await table.AppendAsync([DecisionColumns.From(rewards)], transaction: null, TestContext.Current.CancellationToken);
        var read = new List<LoggedReward>();
        await foreach (var batch in table.ReadAsync(TestContext.Current.CancellationToken)) read.AddRange(DecisionColumns.ReadRewards(batch));
        Assert.Equal(rewards, read.OrderBy(r => r.Decision.DecisionId));
    }
}
