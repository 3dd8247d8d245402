using Apache.Arrow;
using Media.Bandit;
using Media.Lake;

namespace Media.Tests.Lake;

public sealed class DecisionColumnsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static readonly LoggedDecision[] Decisions =
    [
        new("d1", "ad_slot", "u-ä", "header", 0.25, "3.17", 1_767_225_599_999_999, "casual"),
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

    [Fact]
    public async Task TableFromBeforeTheContext_IsRead_AndTakesTheNewRows()
    {
        var cancel = TestContext.Current.CancellationToken;
        var before = new TableSchema("decisions", [.. Tables.Decisions.Columns.Where(c => c.Name != "context")], "event_date");
        var table = await DeltaTable.CreateOrOpenAsync(new LocalObjectStore(_folder.Path), "decisions", before, cancel);
        var rows = DecisionColumns.From([Decisions[0]]);
        var context = rows.Schema.GetFieldIndex("context");
        var old = new RecordBatch(new Schema(rows.Schema.FieldsList.Where((_, i) => i != context), null), rows.Arrays.Where((_, i) => i != context), 1);
        await table.AppendAsync([old], transaction: null, cancel);
        Assert.Equal([Decisions[0] with { Context = null }], await ReadAsync());

        await table.AppendAsync([DecisionColumns.From([Decisions[0] with { DecisionId = "d3" }])], transaction: null, cancel);
        Assert.Equal([null, "casual"], (await ReadAsync()).OrderBy(d => d.DecisionId).Select(d => d.Context));

        async Task<List<LoggedDecision>> ReadAsync()
        {
            var read = new List<LoggedDecision>();
            await foreach (var batch in table.ReadAsync(cancel)) read.AddRange(DecisionColumns.Read(batch));
            return read;
        }
    }
}
