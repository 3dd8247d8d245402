namespace Media.Models;

/// <summary>Between probabilities and log-odds, without overflow.</summary>
internal static class LogOdds
{
    /// <summary>1 / (1 + e⁻ˣ), in [0, 1].</summary>
    internal static double ToProbability(double logOdds)
    {
        if (logOdds >= 0) return 1 / (1 + Math.Exp(-logOdds));
        var e = Math.Exp(logOdds);
        return e / (1 + e);
    }

    /// <summary>ln(p / (1 − p)).</summary>
    internal static double FromProbability(double probability) => Math.Log(probability / (1 - probability));

    /// <summary>Log loss of a log-odds score against a target in [0, 1].</summary>
    internal static double Loss(double logOdds, double target) =>
        logOdds >= 0 ? (1 - target) * logOdds + double.LogP1(Math.Exp(-logOdds)) : double.LogP1(Math.Exp(logOdds)) - target * logOdds;
}
