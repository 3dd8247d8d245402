using Media.Events;

namespace Media.Bandit;

/// <summary>Learns the ad slots from a log of shown ads, with and without the reader's segment. Pure, thread-safe.</summary>
public static class AdSlotLearning
{
    private static int Slots => Vocabulary<AdSlot>.Names.Count;

    /// <summary>One posterior per slot, whoever reads.</summary>
    /// <param name="ads">In order of time, which matters where the options let the policy forget.</param>
    /// <exception cref="ArgumentException">An option is outside its range, or an ad is of no slot or earned without a click.</exception>
    public static ThompsonSampling Thompson(IReadOnlyList<ShownAd> ads, ThompsonOptions options)
    {
        var posteriors = options.Prior.Repeated(Slots);
        foreach (var ad in ads)
        {
            PolicyState.CheckReward(Slots, ad.Slot, ad.Clicked, ad.RevenueUsd);
            if (options.Discount < 1)
                for (var slot = 0; slot < posteriors.Length; slot++) posteriors[slot] = posteriors[slot].Forget(options.Discount, options.Prior);
            posteriors[ad.Slot] = posteriors[ad.Slot].Update(ad.Clicked, ad.RevenueUsd);
        }
        return new ThompsonSampling(posteriors, policyVersion: 1, options);
    }

    /// <summary>One posterior per segment and slot.</summary>
    /// <exception cref="ArgumentException">An option is outside its range, or an ad is of no slot or earned without a click.</exception>
    public static ContextualThompson Contextual(IReadOnlyList<ShownAd> ads, ThompsonOptions options)
    {
        var segments = new SortedDictionary<string, ArmEvidence[]>(StringComparer.Ordinal);
        foreach (var ad in ads)
        {
            PolicyState.CheckReward(Slots, ad.Slot, ad.Clicked, ad.RevenueUsd);
            if (!segments.TryGetValue(ad.Segment, out var arms)) segments.Add(ad.Segment, arms = new ArmEvidence[Slots]);
            arms[ad.Slot] = arms[ad.Slot].Update(ad.Clicked, ad.RevenueUsd);
        }
        return new ContextualThompson(Slots, [.. segments.Select(s => new ContextEvidence(s.Key, 1, s.Value))], elsewhereVersion: 1, options);
    }
}
