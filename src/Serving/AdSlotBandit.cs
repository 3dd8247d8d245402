using Media.Bandit;
using Media.Events;
using Media.Registry;

namespace Media.Serving;

/// <summary>Which ad slot to fill for a reader: Thompson sampling that goes on from the registry's snapshot and learns from every reward.</summary>
/// <remarks>
/// Without a snapshot it starts from the prior, every slot alike. Its state is the snapshot plus the rewards in the lake since: after a restart, or
/// when the bandit job saved a newer snapshot, that sum is formed again, so no reward is lost or counted twice. Thread-safe.
/// </remarks>
public sealed class AdSlotBandit
{
    /// <summary>The bandit's name in the registry and in the log.</summary>
    public const string Name = BanditSnapshot.AdSlot;

    private static readonly IReadOnlyList<string> Slots = Vocabulary<AdSlot>.Names;

    private readonly ServingOptions _options;
    private readonly BanditRegistry _registry;
    private readonly DecisionLog _log;
    private readonly TimeProvider _time;
    private readonly Lock _deciding = new();
    private readonly Random _random;
    private readonly RewardLedger _ledger;
    private readonly Dictionary<string, LoggedDecision> _waiting = new(StringComparer.Ordinal);
    private readonly List<SettledReward> _settled = [];
    private ThompsonSampling _policy = new(Slots.Count, new ThompsonOptions());
    private List<LoggedReward>? _learnedWhileLoading;
    private int _snapshotVersion;
    private DateTimeOffset? _asOf;
    private bool _remembers;

    public AdSlotBandit(ServingOptions options, BanditRegistry registry, DecisionLog log, TimeProvider time)
    {
        (_options, _registry, _log, _time) = (options, registry, log, time);
        _random = new Random(options.BanditSeed ?? System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue));
        _ledger = new RewardLedger(new RewardOptions { Window = options.RewardWindow, Remember = options.RememberDecisions });
    }

    /// <summary>The policy that decides now.</summary>
    public BanditState State
    {
        get { lock (_deciding) return new BanditState(Version(_policy.PolicyVersion), _asOf); }
    }

    /// <summary>Chooses a slot and logs the decision; null when so much waits for the lake that the decision could not be kept.</summary>
    public LoggedDecision? Choose(string userId)
    {
        if (_log.Unwritten >= _options.MaxUnwrittenRows) return null;
        lock (_deciding)
        {
            var now = _time.GetUtcNow();
            var choice = _policy.Choose(_random);
            var decision = new LoggedDecision(Guid.CreateVersion7(now).ToString("D"), Name, userId, Slots[choice.Arm], choice.Propensity, Version(choice.PolicyVersion), EpochMicros.Of(now));
            Note(decision);
            _log.Add(decision);
            return decision;
        }
    }

    /// <summary>Takes the report of a reward; what it settles is learned and logged at once.</summary>
    /// <exception cref="ArgumentException">The revenue is negative, not finite, or without a click.</exception>
    public RewardOutcome Reward(string decisionId, bool clicked, double revenueUsd)
    {
        lock (_deciding)
        {
            var now = EpochMicros.Of(_time.GetUtcNow());
            var outcome = _ledger.Reward(decisionId, clicked, revenueUsd, now, _settled);
            Learn(now);
            return outcome;
        }
    }

    /// <summary>Counts as reward 0 whatever waited longer than the window.</summary>
    internal void Expire()
    {
        lock (_deciding)
        {
            var now = EpochMicros.Of(_time.GetUtcNow());
            _ledger.Expire(now, _settled);
            Learn(now);
        }
    }

    /// <summary>Goes on from the registry's newest snapshot when there is one that is not served yet; the first call also takes up the log of earlier runs.</summary>
    /// <exception cref="InvalidDataException">The snapshot is damaged or has other arms; the former policy stays.</exception>
    /// <exception cref="IOException">Registry or lake cannot be read or written; the former policy stays.</exception>
    internal async Task RefreshAsync(CancellationToken cancel)
    {
        if (_remembers && await _registry.LatestAsync(Name, cancel) == _snapshotVersion) return;
        var saved = await _registry.CurrentAsync(Name, cancel);
        if (saved is not null && !saved.Snapshot.Arms.Select(a => a.Name).SequenceEqual(Slots))
            throw new InvalidDataException($"Bandit snapshot {saved.Version} has arms {string.Join(", ", saved.Snapshot.Arms.Select(a => a.Name))} but the slots are {string.Join(", ", Slots)}.");

        lock (_deciding) _learnedWhileLoading = [];
        await _log.WriteAsync(cancel);
        if (!_remembers) await RememberAsync(cancel);
        var policy = saved?.Snapshot.ToPolicy() ?? new ThompsonSampling(Slots.Count, new ThompsonOptions());
        var rewards = await _log.ReadRewardsAsync(saved?.Snapshot.RewardsUpTo is { } upTo ? EpochMicros.Of(upTo) : 0, cancel);
        foreach (var reward in rewards) Update(policy, reward);
        var known = rewards.Select(r => r.Decision.DecisionId).ToHashSet(StringComparer.Ordinal);
        lock (_deciding)
        {
            foreach (var reward in _learnedWhileLoading.Where(r => !known.Contains(r.Decision.DecisionId))) Update(policy, reward);
            (_policy, _snapshotVersion, _asOf, _learnedWhileLoading, _remembers) = (policy, saved?.Version ?? 0, saved?.Snapshot.AsOf, null, true);
        }
    }

    private async Task RememberAsync(CancellationToken cancel)
    {
        var since = _time.GetUtcNow() - _options.RememberDecisions;
        var decisions = await _log.ReadDecisionsAsync(DateOnly.FromDateTime(since.UtcDateTime), cancel);
        var rewards = await _log.ReadRewardsAsync(EpochMicros.Of(since), cancel);
        lock (_deciding)
        {
            foreach (var decision in decisions.Where(d => d.Bandit == Name && d.DecidedAtMicros >= EpochMicros.Of(since))) Note(decision);
            var settledBefore = new List<SettledReward>();
            foreach (var reward in rewards)
            {
                _ledger.Reward(reward.Decision.DecisionId, reward.Clicked, reward.RevenueUsd, reward.RecordedAtMicros, settledBefore);
                _waiting.Remove(reward.Decision.DecisionId);
            }
        }
    }

    private void Note(LoggedDecision decision)
    {
        if (_ledger.Decide(decision.DecisionId, Arm(decision), decision.DecidedAtMicros)) _waiting.Add(decision.DecisionId, decision);
    }

    private void Learn(long now)
    {
        foreach (var settled in _settled)
        {
            _waiting.Remove(settled.DecisionId, out var decision);
            var reward = new LoggedReward(decision!, settled.Clicked, settled.RevenueUsd, now);
            Update(_policy, reward);
            _log.Add(reward);
            _learnedWhileLoading?.Add(reward);
        }
        _settled.Clear();
    }

    private string Version(long probabilities) => $"{_snapshotVersion}.{probabilities}";

    private static void Update(ThompsonSampling policy, LoggedReward reward) => policy.Update(Arm(reward.Decision), reward.Clicked, reward.RevenueUsd);

    private static int Arm(LoggedDecision decision) => Vocabulary<AdSlot>.TryParse(decision.Arm, out var slot)
        ? (int)slot
        : throw new InvalidDataException($"Decision {decision.DecisionId} has arm '{decision.Arm}', which is no ad slot.");
}

/// <summary>Which policy decides.</summary>
/// <param name="PolicyVersion">Version of the snapshot in the registry (0 = the prior), a dot, version of the probabilities since.</param>
/// <param name="AsOf">The newest instant that the snapshot learned from, null for the prior.</param>
public sealed record BanditState(string PolicyVersion, DateTimeOffset? AsOf);
