using System.ComponentModel.DataAnnotations;

namespace Media.Bandit;

/// <summary>How long a decision waits for its click.</summary>
public sealed record RewardOptions
{
    /// <summary>A click earlier than decision + window counts; from then on the reward is 0. Default 30 min, range 1 s – 7 d.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long after the decision its id is remembered, so that a late or second reward is named as such and not as unknown. Default 24 h, range 1 s – 30 d; at least the window.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan Remember { get; init; } = TimeSpan.FromHours(24);
}

/// <summary>What became of a reported reward.</summary>
public enum RewardOutcome
{
    /// <summary>First report within the window: counted.</summary>
    Accepted,
    /// <summary>The decision has its reward already; nothing changed.</summary>
    Duplicate,
    /// <summary>The window had passed and the decision counts as reward 0; nothing changed.</summary>
    Expired,
    /// <summary>No such decision, or one too old to be remembered; nothing changed.</summary>
    Unknown,
}

/// <summary>The one and final reward of a decision: what a policy is updated with.</summary>
/// <param name="SettledAtMicros">µs since the Unix epoch: the report's instant, or the end of the window.</param>
/// <param name="Context">In which context the decision was made; null for a policy that knows none.</param>
public readonly record struct SettledReward(string DecisionId, int Arm, bool Clicked, double RevenueUsd, long SettledAtMicros, string? Context = null);

/// <summary>Turns reports that come late, twice, or never into exactly one settled reward per decision.</summary>
/// <remarks>
/// Instants are µs since the Unix epoch and come from the caller; decisions and reports may arrive in any order of time. Settled rewards are added
/// to the collection passed in, at most one per decision id. Memory: decisions of the last <see cref="RewardOptions.Remember"/>. Not thread-safe.
/// </remarks>
public sealed class RewardLedger
{
    private readonly Dictionary<string, Noted> _decisions = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, long> _windows = new();
    private readonly PriorityQueue<string, long> _memories = new();
    private readonly long _window;
    private readonly long _remember;

    private enum State { Waiting, Rewarded, Expired }

    private readonly record struct Noted(int Arm, long DecidedAt, string? Context, State State);

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public RewardLedger(RewardOptions options)
    {
        Options.Check(options);
        if (options.Remember < options.Window) throw new ArgumentException($"Remember is {options.Remember} but must be at least the window, {options.Window}.", nameof(options));
        (_window, _remember) = (Micros(options.Window), Micros(options.Remember));
    }

    /// <summary>Decisions that still wait for a reward.</summary>
    public int Waiting { get; private set; }

    /// <summary>Notes a decision. False when this id is known already: nothing changes then.</summary>
    /// <param name="context">Comes back with the settled reward, for a <see cref="ContextualThompson"/>.</param>
    public bool Decide(string decisionId, int arm, long decidedAtMicros, string? context = null)
    {
        if (!_decisions.TryAdd(decisionId, new Noted(arm, decidedAtMicros, context, State.Waiting))) return false;
        _windows.Enqueue(decisionId, decidedAtMicros + _window);
        _memories.Enqueue(decisionId, decidedAtMicros + _remember);
        Waiting++;
        return true;
    }

    /// <summary>Reports a reward; a report without a click settles the decision as reward 0 at once.</summary>
    /// <exception cref="ArgumentException">The revenue is negative, not finite, or without a click.</exception>
    public RewardOutcome Reward(string decisionId, bool clicked, double revenueUsd, long atMicros, ICollection<SettledReward> settled)
    {
        PolicyState.CheckReward(int.MaxValue, 0, clicked, revenueUsd);
        if (!_decisions.TryGetValue(decisionId, out var decision)) return RewardOutcome.Unknown;
        if (decision.State == State.Rewarded) return RewardOutcome.Duplicate;
        if (decision.State == State.Expired) return RewardOutcome.Expired;
        var late = atMicros >= decision.DecidedAt + _window;
        if (late) SettleAsMissed(decisionId, decision, settled);
        else Settle(decision with { State = State.Rewarded }, new SettledReward(decisionId, decision.Arm, clicked, revenueUsd, atMicros, decision.Context), settled);
        return late ? RewardOutcome.Expired : RewardOutcome.Accepted;
    }

    /// <summary>Settles as reward 0 every decision whose window ends at or before now, in order of window end, and forgets what is too old.</summary>
    public void Expire(long nowMicros, ICollection<SettledReward> settled)
    {
        while (_windows.TryPeek(out var id, out var end) && end <= nowMicros)
        {
            _windows.Dequeue();
            if (_decisions.TryGetValue(id, out var decision) && decision.State == State.Waiting) SettleAsMissed(id, decision, settled);
        }
        while (_memories.TryPeek(out var id, out var end) && end <= nowMicros)
        {
            _memories.Dequeue();
            _decisions.Remove(id);
        }
    }

    private void SettleAsMissed(string id, Noted decision, ICollection<SettledReward> settled) =>
        Settle(decision with { State = State.Expired }, new SettledReward(id, decision.Arm, false, 0, decision.DecidedAt + _window, decision.Context), settled);

    private void Settle(Noted decision, SettledReward reward, ICollection<SettledReward> settled)
    {
        _decisions[reward.DecisionId] = decision;
        Waiting--;
        settled.Add(reward);
    }

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
