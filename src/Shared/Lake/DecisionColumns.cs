using Apache.Arrow;
using Media.Bandit;

namespace Media.Lake;

/// <summary>Decisions as rows of <see cref="Tables.Decisions"/>, rewards as rows of <see cref="Tables.Rewards"/>, and back. Pure, thread-safe.</summary>
public static class DecisionColumns
{
    public static RecordBatch From(IReadOnlyList<LoggedDecision> decisions)
    {
        var batch = new BatchWriter(Tables.Decisions, decisions.Count);
        Write(batch, decisions);
        return batch.Build();
    }

    public static RecordBatch From(IReadOnlyList<LoggedReward> rewards)
    {
        var batch = new BatchWriter(Tables.Rewards, rewards.Count);
        Write(batch, [.. rewards.Select(r => r.Decision)]);
        var clicked = batch.Flags("clicked");
        var revenue = batch.Doubles("revenue_usd");
        var recorded = batch.Longs("recorded_at");
        for (var row = 0; row < rewards.Count; row++)
        {
            clicked.Set(row, rewards[row].Clicked);
            revenue.Set(row, rewards[row].RevenueUsd);
            recorded.Set(row, rewards[row].RecordedAtMicros);
        }
        return batch.Build();
    }

    /// <summary>The rows of either table as decisions, in order.</summary>
    /// <exception cref="InvalidDataException">It is no batch of decisions.</exception>
    public static LoggedDecision[] Read(RecordBatch batch)
    {
        var columns = new BatchReader(batch);
        TextReader id = columns.Text("decision_id"), bandit = columns.Text("bandit"), user = columns.Text("user_id"), arm = columns.Text("arm"), policy = columns.Text("policy_version");
        var propensity = columns.Doubles("propensity");
        var decided = columns.Times("decided_at");
        var context = columns.TextIfThere("context");
        var decisions = new LoggedDecision[batch.Length];
        for (var row = 0; row < decisions.Length; row++)
            decisions[row] = new LoggedDecision(id.Need(row), bandit.Need(row), user.Need(row), arm.Need(row), propensity.Need(row), policy.Need(row), decided.Need(row), context?[row]);
        return decisions;
    }

    /// <summary>The rows as rewards, in order.</summary>
    /// <exception cref="InvalidDataException">It is no batch of rewards.</exception>
    public static LoggedReward[] ReadRewards(RecordBatch batch)
    {
        var columns = new BatchReader(batch);
        var clicked = columns.Flags("clicked");
        var revenue = columns.Doubles("revenue_usd");
        var recorded = columns.Times("recorded_at");
        var rewards = new LoggedReward[batch.Length];
        var decisions = Read(batch);
        for (var row = 0; row < rewards.Length; row++)
            rewards[row] = new LoggedReward(decisions[row], clicked[row] ?? throw new InvalidDataException($"Column 'clicked' has no value in row {row}."), revenue.Need(row), recorded.Need(row));
        return rewards;
    }

    private static void Write(BatchWriter batch, IReadOnlyList<LoggedDecision> decisions)
    {
        TextWriter id = batch.Text("decision_id"), bandit = batch.Text("bandit"), user = batch.Text("user_id"), arm = batch.Text("arm"), policy = batch.Text("policy_version"), context = batch.Text("context");
        var propensity = batch.Doubles("propensity");
        var decided = batch.Longs("decided_at");
        var date = batch.Integers("event_date");
        for (var row = 0; row < decisions.Count; row++)
        {
            var decision = decisions[row];
            id.Set(row, decision.DecisionId);
            bandit.Set(row, decision.Bandit);
            user.Set(row, decision.UserId);
            arm.Set(row, decision.Arm);
            policy.Set(row, decision.PolicyVersion);
            context.Set(row, decision.Context);
            propensity.Set(row, decision.Propensity);
            decided.Set(row, decision.DecidedAtMicros);
            date.Set(row, EpochDays.Of(decision.DecidedAtMicros));
        }
    }
}
