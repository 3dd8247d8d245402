using Media.Bandit;
using Media.Lake;

namespace Media.Serving;

/// <summary>Collects decisions and rewards and appends them to lake tables <c>decisions</c> and <c>rewards</c> in one commit each per write.</summary>
/// <remarks>Rows keep their order. A write that fails keeps its rows for the next one. Thread-safe; one process writes a lake at a time.</remarks>
public sealed class DecisionLog(IObjectStore lake, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Lock _collecting = new();
    private List<LoggedDecision> _decisions = [];
    private List<LoggedReward> _rewards = [];

    /// <summary>Rows that are not in the lake yet.</summary>
    public int Unwritten
    {
        get { lock (_collecting) return _decisions.Count + _rewards.Count; }
    }

    public void Dispose() => _writing.Dispose();

    internal void Add(LoggedDecision decision)
    {
        lock (_collecting) _decisions.Add(decision);
    }

    internal void Add(LoggedReward reward)
    {
        lock (_collecting) _rewards.Add(reward);
    }

    /// <summary>Writes all that was added before the call.</summary>
    /// <exception cref="IOException">The lake cannot be written; the rows wait.</exception>
    internal async Task WriteAsync(CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            // Decisions first: a reward in the lake always has its decision there.
            List<LoggedDecision> decisions;
            lock (_collecting) (decisions, _decisions) = (_decisions, []);
            try
            {
                if (decisions.Count > 0) await AppendAsync(Tables.Decisions, DecisionColumns.From(decisions), cancel);
            }
            catch
            {
                lock (_collecting) _decisions = [.. decisions, .. _decisions];
                throw;
            }
            List<LoggedReward> rewards;
            lock (_collecting) (rewards, _rewards) = (_rewards, []);
            try
            {
                if (rewards.Count > 0) await AppendAsync(Tables.Rewards, DecisionColumns.From(rewards), cancel);
            }
            catch
            {
                lock (_collecting) _rewards = [.. rewards, .. _rewards];
                throw;
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Decisions of this day and later, in the order written.</summary>
    internal async Task<List<LoggedDecision>> ReadDecisionsAsync(DateOnly from, CancellationToken cancel)
    {
        var read = new List<LoggedDecision>();
        if (!await ExistsAsync(Tables.Decisions, cancel)) return read;
        var table = await DeltaTable.OpenAsync(lake, Tables.Decisions.Name, time, cancel);
        await foreach (var batch in table.ReadAsync(new ReadOptions { Ranges = [ColumnRange.Days("event_date", from, null)] }, cancel))
            using (batch) read.AddRange(DecisionColumns.Read(batch));
        return read;
    }

    /// <summary>Rewards recorded at or after this instant, in the order written; a decision that stands twice only the first time.</summary>
    internal async Task<List<LoggedReward>> ReadRewardsAsync(long fromMicros, CancellationToken cancel)
    {
        var read = new List<LoggedReward>();
        if (!await ExistsAsync(Tables.Rewards, cancel)) return read;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var table = await DeltaTable.OpenAsync(lake, Tables.Rewards.Name, time, cancel);
        await foreach (var batch in table.ReadAsync(new ReadOptions { Ranges = [ColumnRange.Micros("recorded_at", fromMicros, null)] }, cancel))
            using (batch) read.AddRange(DecisionColumns.ReadRewards(batch).Where(r => r.RecordedAtMicros >= fromMicros && seen.Add(r.Decision.DecisionId)));
        return read;
    }

    private async Task AppendAsync(TableSchema schema, Apache.Arrow.RecordBatch rows, CancellationToken cancel)
    {
        var table = await DeltaTable.CreateOrOpenAsync(lake, schema.Name, schema, time, cancel);
        await table.AppendAsync([rows], transaction: null, cancel);
    }

    private async Task<bool> ExistsAsync(TableSchema schema, CancellationToken cancel) =>
        await lake.FindAsync($"{schema.Name}/_delta_log/00000000000000000000.json", cancel) is not null;
}
