namespace Media.Bandit;

/// <summary>What one arm has brought so far: all that a posterior needs beside its prior.</summary>
/// <param name="Decisions">Settled decisions, ≥ Clicks.</param>
/// <param name="Clicks">≥ 0.</param>
/// <param name="RevenueUsd">Of all clicks, USD, ≥ 0.</param>
public readonly record struct ArmEvidence(long Decisions, long Clicks, double RevenueUsd)
{
    public ArmEvidence Update(bool clicked, double revenueUsd) => new(Decisions + 1, Clicks + (clicked ? 1 : 0), RevenueUsd + revenueUsd);

    public static ArmEvidence operator +(ArmEvidence a, ArmEvidence b) => new(a.Decisions + b.Decisions, a.Clicks + b.Clicks, a.RevenueUsd + b.RevenueUsd);

    /// <summary>What is left of a whole without one of its parts; rounding leaves no revenue below 0.</summary>
    public static ArmEvidence operator -(ArmEvidence a, ArmEvidence b) => new(a.Decisions - b.Decisions, a.Clicks - b.Clicks, Math.Max(0, a.RevenueUsd - b.RevenueUsd));

    /// <exception cref="ArgumentException">Numbers that no arm can bring.</exception>
    internal void Check(string what)
    {
        if (!(Clicks >= 0 && Decisions >= Clicks && RevenueUsd >= 0 && double.IsFinite(RevenueUsd) && (Clicks > 0 || RevenueUsd == 0)))
            throw new ArgumentException($"{what}: {Decisions} decisions, {Clicks} clicks, {RevenueUsd} USD; clicks must be in 0 … decisions, the revenue finite, ≥ 0 and 0 without a click.");
    }
}
