namespace Media.Bandit;

/// <summary>A policy tried on arms whose click rates were measured: what it loses against always showing the best.</summary>
/// <remarks>Every click is worth 1, learned at once. Pure in the Random.</remarks>
public static class ClickReplay
{
    /// <summary>Expected clicks lost over the pulls: the sum of (best rate − rate of the arm chosen).</summary>
    /// <param name="clickRates">One per arm of the policy, each in [0, 1].</param>
    /// <param name="pulls">≥ 0.</param>
    /// <exception cref="ArgumentException">Another number of rates than arms, or a rate outside [0, 1].</exception>
    /// <exception cref="OperationCanceledException">Asked to stop.</exception>
    public static double Regret(IBanditPolicy policy, IReadOnlyList<double> clickRates, int pulls, Random random, CancellationToken cancel)
    {
        if (clickRates.Count != policy.Arms) throw new ArgumentException($"clickRates has {clickRates.Count} entries but the policy has {policy.Arms} arms.", nameof(clickRates));
        foreach (var rate in clickRates)
            if (!(rate is >= 0 and <= 1)) throw new ArgumentException($"A click rate is {rate}; it must be in [0, 1].", nameof(clickRates));
        var best = clickRates.Max();
        var lost = 0.0;
        for (var pull = 0; pull < pulls; pull++)
        {
            if ((pull & 1023) == 0) cancel.ThrowIfCancellationRequested();
            var arm = policy.Choose(random).Arm;
            lost += best - clickRates[arm];
            var clicked = random.NextDouble() < clickRates[arm];
            policy.Update(arm, clicked, clicked ? 1 : 0);
        }
        return lost;
    }
}
