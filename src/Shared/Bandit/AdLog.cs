using Media.Events;

namespace Media.Bandit;

/// <summary>One shown ad and what it brought.</summary>
/// <param name="Segment">The reader's, as <see cref="UserSegment"/> is spelled; <see cref="AdLog.UnknownSegment"/> where nothing tells it.</param>
/// <param name="Slot">The arm: index of <see cref="AdSlot"/>.</param>
/// <param name="Propensity">With which the slot was chosen; null where the log does not say.</param>
/// <param name="AtMicros">µs since the Unix epoch, UTC.</param>
public sealed record ShownAd(string DecisionId, string Segment, int Slot, double? Propensity, long AtMicros, bool Clicked, double RevenueUsd);

/// <summary>Ads as they were shown, each once, with its click: what the ad slots are learned from.</summary>
/// <param name="Ads">In order of time, then of decision id.</param>
/// <param name="RewardsUpToMicros">µs since the Unix epoch, UTC: of the API's rewards those recorded before it are inside, those at or after it are not; null = none is.</param>
public sealed record AdLog(IReadOnlyList<ShownAd> Ads, long? RewardsUpToMicros)
{
    /// <summary>The context of an ad whose reader's segment is not known.</summary>
    public const string UnknownSegment = "unknown";

    /// <summary>Joins what comes in any order, each piece perhaps twice.</summary>
    /// <remarks>
    /// An ad that the API chose has its one final reward among the API's rewards; its events may come through the log as well. It is learned from the
    /// reward alone, or it would count twice: its events only tell the reader's segment. Rewards of the newest recorded instant are left to the next
    /// log, because more of the same instant may be on their way. Not thread-safe.
    /// </remarks>
    public sealed class Gathering
    {
        private readonly Dictionary<string, Impression> _shown = new(StringComparer.Ordinal);
        private readonly Dictionary<string, double> _clicks = new(StringComparer.Ordinal);
        private readonly Dictionary<string, (long At, UserSegment Segment)> _segments = new(StringComparer.Ordinal);
        private readonly HashSet<string> _decided = new(StringComparer.Ordinal);
        private readonly Dictionary<string, LoggedReward> _rewards = new(StringComparer.Ordinal);

        private readonly record struct Impression(UserSegment? Segment, AdSlot Slot, double? Propensity, long At);

        /// <summary>Adds an ad's impression; of one decision the first counts.</summary>
        public void AddImpression(string decisionId, string userId, UserSegment? segment, AdSlot slot, double? propensity, long atMicros)
        {
            _shown.TryAdd(decisionId, new Impression(segment, slot, propensity, atMicros));
            if (segment is { } known && !(_segments.TryGetValue(userId, out var newest) && newest.At >= atMicros)) _segments[userId] = (atMicros, known);
        }

        /// <summary>Adds an ad's click; of one decision the first counts.</summary>
        public void AddClick(string decisionId, double revenueUsd) => _clicks.TryAdd(decisionId, revenueUsd);

        /// <summary>Adds a decision of the API.</summary>
        public void AddDecision(LoggedDecision decision) => _decided.Add(decision.DecisionId);

        /// <summary>Adds a settled reward of the API; of one decision the first counts, and only the ad slots' are learned.</summary>
        public void AddReward(LoggedReward reward)
        {
            _decided.Add(reward.Decision.DecisionId);
            if (reward.Decision.Bandit == BanditSnapshot.AdSlot) _rewards.TryAdd(reward.Decision.DecisionId, reward);
        }

        /// <exception cref="InvalidDataException">A reward is of an arm that is no ad slot.</exception>
        public AdLog ToLog()
        {
            long? upTo = _rewards.Count == 0 ? null : _rewards.Values.Max(r => r.RecordedAtMicros);
            var seen = _shown.Where(s => !_decided.Contains(s.Key))
                .Select(s => new ShownAd(s.Key, Name(s.Value.Segment), (int)s.Value.Slot, s.Value.Propensity, s.Value.At, _clicks.ContainsKey(s.Key), _clicks.GetValueOrDefault(s.Key)));
            var chosen = _rewards.Values.Where(r => r.RecordedAtMicros < upTo)
                .Select(r => new ShownAd(r.Decision.DecisionId, SegmentOf(r.Decision), Slot(r.Decision), r.Decision.Propensity, r.Decision.DecidedAtMicros, r.Clicked, r.RevenueUsd));
            return new AdLog([.. seen.Concat(chosen).OrderBy(a => a.AtMicros).ThenBy(a => a.DecisionId, StringComparer.Ordinal)], upTo);
        }

        private string SegmentOf(LoggedDecision decision) =>
            _shown.TryGetValue(decision.DecisionId, out var impression) && impression.Segment is not null ? Name(impression.Segment)
            : Name(_segments.TryGetValue(decision.UserId, out var newest) ? newest.Segment : null);

        private static string Name(UserSegment? segment) => segment is { } known ? Vocabulary<UserSegment>.Name(known) : UnknownSegment;

        private static int Slot(LoggedDecision decision) => Vocabulary<AdSlot>.TryParse(decision.Arm, out var slot)
            ? (int)slot
            : throw new InvalidDataException($"Decision {decision.DecisionId} has arm '{decision.Arm}', which is no ad slot.");
    }
}
