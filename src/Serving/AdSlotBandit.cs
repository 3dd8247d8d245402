using Media.Bandit;
using Media.Events;
using Media.Registry;

namespace Media.Serving;

/// <summary>Which ad slot to fill for a reader: the policy of the registry's snapshot, with or without the reader's segment, which goes on learning from every reward.</summary>
/// <remarks>
/// Without a snapshot plain Thompson sampling starts from the prior, every slot alike. Every decision is logged with the segment, the probability that the slot
/// was drawn with, never below the snapshot's floor, and the version that gave it: the log can value any other policy. Its state is the snapshot plus the rewards in the lake since: after a restart, or
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
    private IContextualPolicy _policy = FromPrior();
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
        get { lock (_deciding) return StateIn(AdLog.UnknownSegment); }
    }

    /// <summary>Chooses a slot and logs the decision; null when so much waits for the lake that the decision could not be kept.</summary>
    /// <param name="segment">The reader's, or <see cref="AdLog.UnknownSegment"/>.</param>
    public SlotChoice? Choose(string userId, string segment)
    {
        if (_log.Unwritten >= _options.MaxUnwrittenRows) return null;
        lock (_deciding)
        {
            var now = _time.GetUtcNow();
            var choice = _policy.Choose(segment, _random);
            var decision = new LoggedDecision(Guid.CreateVersion7(now).ToString("D"), Name, userId, Slots[choice.Arm], choice.Propensity, Version(choice.PolicyVersion), EpochMicros.Of(now), segment);
            Note(decision);
            _log.Add(decision);
            return new SlotChoice(decision, new BanditState(_policy.Name, decision.PolicyVersion, _asOf));
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
        if (saved is not null && !saved.Snapshot.ArmNames.SequenceEqual(Slots))
            throw new InvalidDataException($"Bandit snapshot {saved.Version} has arms {string.Join(", ", saved.Snapshot.ArmNames)} but the slots are {string.Join(", ", Slots)}.");

        lock (_deciding) _learnedWhileLoading = [];
        await _log.WriteAsync(cancel);
        if (!_remembers) await RememberAsync(cancel);
        var policy = saved?.Snapshot.Open() ?? FromPrior();
        var rewards = await _log.ReadRewardsAsync(saved?.Snapshot.RewardsUpTo is { } upTo ? EpochMicros.Of(upTo) : 0, cancel);
        foreach (var reward in rewards) Update(policy, reward);
        var known = rewards.Select(r => r.Decision.DecisionId).ToHashSet(StringComparer.Ordinal);
        lock (_deciding)
        {
            foreach (var reward in _learnedWhileLoading.Where(r => !known.Contains(r.Decision.DecisionId))) Update(policy, reward);
            _policy = policy;
            (_snapshotVersion, _asOf, _learnedWhileLoading, _remembers) = (saved?.Version ?? 0, saved?.Snapshot.AsOf, null, true);
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

    private static ContextBlind FromPrior() => new(new ThompsonSampling(Slots.Count, new ThompsonOptions()));

    private BanditState StateIn(string segment) => new(_policy.Name, Version(_policy.PolicyVersion(segment)), _asOf);

    private string Version(long probabilities) => $"{_snapshotVersion}.{probabilities}";

    private static void Update(IContextualPolicy policy, LoggedReward reward) =>
        policy.Update(reward.Decision.Context ?? AdLog.UnknownSegment, Arm(reward.Decision), reward.Clicked, reward.RevenueUsd);

    private static int Arm(LoggedDecision decision) => Vocabulary<AdSlot>.TryParse(decision.Arm, out var slot)
        ? (int)slot
        : throw new InvalidDataException($"Decision {decision.DecisionId} has arm '{decision.Arm}', which is no ad slot.");
}

/// <summary>Which policy decides.</summary>
/// <param name="Policy">Its name, for example <c>contextual_thompson</c>.</param>
/// <param name="PolicyVersion">Version of the snapshot in the registry (0 = the prior), a dot, version of the probabilities since, of one segment where the policy knows segments.</param>
/// <param name="AsOf">The newest instant that the snapshot learned from, null for the prior.</param>
public sealed record BanditState(string Policy, string PolicyVersion, DateTimeOffset? AsOf);

/// <summary>A slot as it was chosen, and by which policy.</summary>
public sealed record SlotChoice(LoggedDecision Decision, BanditState By);
