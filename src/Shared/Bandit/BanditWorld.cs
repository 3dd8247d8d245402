using Media.Events;
using Media.Events.Simulator;

namespace Media.Bandit;

/// <summary>The true odds of one arm in one round and context: known in a simulated world only, never to a policy.</summary>
/// <param name="round">0 … Rounds − 1.</param>
/// <param name="context">Index among the world's contexts.</param>
/// <param name="arm">0 … arms − 1.</param>
/// <remarks>Must be a pure function: it is asked from several threads, and every policy must meet the same world.</remarks>
public delegate ArmOdds ContextualEnvironment(int round, int context, int arm);

/// <summary>A context of a world.</summary>
/// <param name="Share">How often it comes up, relative to the others; ≥ 0.</param>
public sealed record WorldContext(string Name, double Share);

/// <summary>A world whose odds are known: in each round one of its contexts comes up by its share, independently of what was before.</summary>
/// <param name="Contexts">At least one with a share.</param>
public sealed record BanditWorld(IReadOnlyList<WorldContext> Contexts, ContextualEnvironment Odds)
{
    /// <summary>The ad slots of a simulated run: a context per reader segment, each as often as ads are shown to it, with the mean odds over its ads.</summary>
    /// <remarks>Which reader of a segment sees an ad no policy is told, so their mean is exactly what it meets.</remarks>
    public static BanditWorld AdSlots(SimulatedTruth truth)
    {
        var slots = Vocabulary<AdSlot>.Names.Count;
        var segments = truth.Users.GroupBy(truth.Segment).OrderBy(g => g.Key).Select(g => (Segment: g.Key, Readers: g.Select(user => (User: user, Ads: truth.ExpectedAds(user))).Where(r => r.Ads > 0).ToList()))
            .Where(s => s.Readers.Count > 0).ToList();
        var odds = segments.Select(s =>
        {
            var ads = s.Readers.Sum(r => r.Ads);
            return Enumerable.Range(0, slots).Select(slot => new ArmOdds(
                s.Readers.Sum(r => r.Ads * truth.AdSlotOdds(r.User, (AdSlot)slot).ClickProbability) / ads, truth.AdSlotOdds(s.Readers[0].User, (AdSlot)slot).MeanRevenueUsd)).ToArray();
        }).ToArray();
        return new BanditWorld([.. segments.Select(s => new WorldContext(Vocabulary<UserSegment>.Name(s.Segment), s.Readers.Sum(r => r.Ads)))], (_, context, arm) => odds[context][arm]);
    }

    /// <summary>The same contexts and odds, but the arms change places: every so many rounds each arm takes over the odds of the one before it.</summary>
    /// <param name="arms">The world's arms.</param>
    /// <param name="everyRounds">≥ 1.</param>
    public BanditWorld Drifting(int arms, int everyRounds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(arms);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(everyRounds);
        var odds = Odds;
        return this with { Odds = (round, context, arm) => odds(round, context, (int)((arm + (long)(arms - 1) * (round / everyRounds)) % arms)) };
    }
}
