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
/// <param name="CompleteBeforeMicros">µs since the Unix epoch, UTC: every decision before it has its reward inside; null = all have.</param>
public sealed record AdLog(IReadOnlyList<ShownAd> Ads, long? RewardsUpToMicros, long? CompleteBeforeMicros = null)
{
    /// <summary>The context of an ad whose reader's segment is not known.</summary>
    public const string UnknownSegment = "unknown";

    /// <summary>The ads that may value a policy.</summary>
    /// <remarks>A click is a reward at once, its absence only when the window ends: among the newest decisions those with a reward are the clicked ones, and a mean over them would flatter.</remarks>
    public IReadOnlyList<ShownAd> Complete => CompleteBeforeMicros is { } before ? [.. Ads.TakeWhile(ad => ad.AtMicros < before)] : Ads;

    /// <summary>Joins what comes in any order, each piece perhaps twice.</summary>
    /// <remarks>
    /// An ad that the API chose has its one final reward among the API's rewards; its events may come through the log as well. It is learned from the
    /// reward, and not from its events too, or it would count twice: they tell the reader's segment where the decision does not, and the click where
    /// the API was told of none. Rewards of the newest recorded instant are left to the next log, because more of the same instant may be on their way.
    /// Not thread-safe.
    /// </remarks>
    public sealed class Gathering
    {
        // The longest window that a reward may have: a decision still without one will have none.
        private const long LongestWindow = 7L * 24 * 60 * 60 * 1_000_000;

        private readonly Dictionary<string, Impression> _shown = new(StringComparer.Ordinal);
        private readonly Dictionary<string, (double RevenueUsd, long At)> _clicks = new(StringComparer.Ordinal);
        private readonly Dictionary<string, (long At, UserSegment Segment)> _segments = new(StringComparer.Ordinal);
        private readonly Dictionary<string, LoggedDecision> _decided = new(StringComparer.Ordinal);
        private readonly Dictionary<string, LoggedReward> _rewards = new(StringComparer.Ordinal);

        private readonly record struct Impression(UserSegment? Segment, AdSlot Slot, double? Propensity, long At);

        /// <summary>Adds an ad's impression; of one decision the first counts.</summary>
        public void AddImpression(string decisionId, string userId, UserSegment? segment, AdSlot slot, double? propensity, long atMicros)
        {
            _shown.TryAdd(decisionId, new Impression(segment, slot, propensity, atMicros));
            if (segment is { } known && !(_segments.TryGetValue(userId, out var newest) && newest.At >= atMicros)) _segments[userId] = (atMicros, known);
        }

        /// <summary>Adds an ad's click; of one decision the first counts.</summary>
        public void AddClick(string decisionId, double revenueUsd, long atMicros) => _clicks.TryAdd(decisionId, (revenueUsd, atMicros));

        /// <summary>Adds a decision of the API; one for the ad slots alone is valued, but no decision's events are learned from.</summary>
        public void AddDecision(LoggedDecision decision) => _decided.TryAdd(decision.DecisionId, decision);

        /// <summary>Adds a settled reward of the API; of one decision the first counts, and only the ad slots' are learned.</summary>
        public void AddReward(LoggedReward reward)
        {
            AddDecision(reward.Decision);
            if (reward.Decision.Bandit == BanditSnapshot.AdSlot) _rewards.TryAdd(reward.Decision.DecisionId, reward);
        }

        /// <exception cref="InvalidDataException">A decision is for an arm that is no ad slot.</exception>
        public AdLog ToLog()
        {
            long? upTo = _rewards.Count == 0 ? null : _rewards.Values.Max(r => r.RecordedAtMicros);
            var ads = new List<ShownAd>();
            foreach (var (id, seen) in _shown)
                if (!_decided.ContainsKey(id)) ads.Add(new ShownAd(id, Name(seen.Segment), (int)seen.Slot, seen.Propensity, seen.At, _clicks.ContainsKey(id), _clicks.GetValueOrDefault(id).RevenueUsd));
            foreach (var reward in _rewards.Values)
                if (reward.RecordedAtMicros < upTo) ads.Add(Chosen(reward));

            List<LoggedDecision> waiting = [.. _decided.Values.Where(d => d.Bandit == BanditSnapshot.AdSlot && !(_rewards.TryGetValue(d.DecisionId, out var reward) && reward.RecordedAtMicros < upTo))];
            var newest = _decided.Count == 0 ? 0 : _decided.Values.Max(d => d.DecidedAtMicros);
            foreach (var forgotten in waiting.Where(d => d.DecidedAtMicros < newest - LongestWindow && !_rewards.ContainsKey(d.DecisionId)))
                ads.Add(Chosen(new LoggedReward(forgotten, false, 0, forgotten.DecidedAtMicros + LongestWindow)));
            long? complete = waiting.Where(d => d.DecidedAtMicros >= newest - LongestWindow || _rewards.ContainsKey(d.DecisionId)).Min(d => (long?)d.DecidedAtMicros);
            return new AdLog([.. ads.OrderBy(a => a.AtMicros).ThenBy(a => a.DecisionId, StringComparer.Ordinal)], upTo, complete);
        }

        private ShownAd Chosen(LoggedReward reward)
        {
            var decision = reward.Decision;
            // The click came through the log alone: it counts when it was in time, before the API settled for none.
            var (clicked, revenue) = !reward.Clicked && _clicks.TryGetValue(decision.DecisionId, out var click) && click.At < reward.RecordedAtMicros
                ? (true, click.RevenueUsd)
                : (reward.Clicked, reward.RevenueUsd);
            return new ShownAd(decision.DecisionId, decision.Context ?? SegmentOf(decision), Slot(decision), decision.Propensity, decision.DecidedAtMicros, clicked, revenue);
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
