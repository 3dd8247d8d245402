using Media.Events;

namespace Media.Bandit;

/// <summary>What a log says that a policy would earn.</summary>
/// <param name="Policy"><c>as_logged</c>, or the policy's name.</param>
/// <param name="Estimator">ips, snips, dm, dr; of the log itself: mean.</param>
/// <param name="Estimate">USD per decision.</param>
public sealed record PolicyValue(string Policy, string Estimator, OffPolicyEstimate Estimate);

/// <summary>Learns the ad slots from a log of shown ads, with and without the reader's segment, and values what was learned. Pure, thread-safe.</summary>
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

    /// <summary>Learns both policies on the first half of the log and values them on the second: a policy valued on its own training rows flatters itself.</summary>
    /// <remarks>
    /// The reward model of DM and DR is the first half's too: the posterior mean of the slot in the segment. Ads without a propensity are learned
    /// from, not valued by. DM's interval knows the rows' spread only, not the model's error.
    /// </remarks>
    /// <returns>Empty when the second half has fewer than two ads with a propensity.</returns>
    /// <exception cref="ArgumentException">An option is outside its range, or an ad is of no slot or earned without a click.</exception>
    public static IReadOnlyList<PolicyValue> Values(IReadOnlyList<ShownAd> ads, ThompsonOptions options)
    {
        ShownAd[] first = [.. ads.Take(ads.Count / 2)], later = [.. ads.Skip(ads.Count / 2).Where(ad => ad.Propensity is > 0 and <= 1)];
        if (later.Length < 2) return [];
        var contextual = Contextual(first, options);
        var model = later.Select(ad => ad.Segment).Distinct().ToDictionary(s => s, s => contextual.Posteriors(s).Select(p => p.MeanValue).ToArray(), StringComparer.Ordinal);
        double[] rewards = [.. later.Select(ad => ad.RevenueUsd)], logged = [.. later.Select(ad => ad.Propensity ?? 1)], predicted = [.. later.Select(ad => model[ad.Segment][ad.Slot])];
        var values = new List<PolicyValue> { new("as_logged", "mean", OffPolicy.Ips(rewards, logged, logged)) };
        foreach (IContextualPolicy policy in new IContextualPolicy[] { new ContextBlind(Thompson(first, options)), contextual })
        {
            double[] target = [.. later.Select(ad => policy.Propensities(ad.Segment)[ad.Slot])];
            double[] expected = OffPolicy.Expected([.. later.SelectMany(ad => policy.Propensities(ad.Segment))], [.. later.SelectMany(ad => model[ad.Segment])], Slots);
            values.Add(new PolicyValue(policy.Name, "ips", OffPolicy.Ips(rewards, logged, target)));
            values.Add(new PolicyValue(policy.Name, "snips", OffPolicy.Snips(rewards, logged, target)));
            values.Add(new PolicyValue(policy.Name, "dm", OffPolicy.DirectMethod(expected)));
            values.Add(new PolicyValue(policy.Name, "dr", OffPolicy.DoublyRobust(rewards, logged, target, predicted, expected)));
        }
        return values;
    }
}
