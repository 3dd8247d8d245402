namespace Media.Models.LightGbm;

/// <summary>What an update of a booster came to.</summary>
public enum BoosterUpdate
{
    /// <summary>Neither update was better on the held-out rows: the booster stays as it was.</summary>
    Kept,
    /// <summary>Further trees were grown on the new rows.</summary>
    Continued,
    /// <summary>The splits stayed; the leaf values were fitted to the new rows.</summary>
    Refitted,
}

/// <summary>An update's outcome: which booster to use, and the three metrics that decided.</summary>
/// <param name="Booster">The caller's own when kept, else a new one; either way the caller's to dispose.</param>
/// <param name="Before">The parameters' metric of the old booster on the held-out rows.</param>
/// <param name="Continued">That of the booster with further trees.</param>
/// <param name="Refitted">That of the booster with new leaf values.</param>
public sealed record GatedUpdate(Booster Booster, BoosterUpdate Taken, double Before, double Continued, double Refitted);

/// <summary>Updates a booster by new rows only where rows held out say that it became better.</summary>
/// <remarks>
/// Continued training and refitting both can make a model worse: few new rows, or rows of another time, overwrite what many said. So both are tried, and the better
/// one is taken only if it beats the old booster. Pure, thread-safe.
/// </remarks>
public static class UpdateGate
{
    /// <summary>Tries both ways on the fresh rows and keeps the best of the three on the held-out rows; a tie keeps the old one.</summary>
    /// <param name="parameters">With the objective that the booster was grown with; <see cref="LightGbmParameters.Trees"/> is how many trees are added.</param>
    /// <param name="names">One per column.</param>
    /// <param name="held">Rows that neither the booster nor the update learns from.</param>
    /// <param name="decay">How much of its old value a refitted leaf keeps, 0 – 1; LightGBM's own default is 0.9.</param>
    /// <exception cref="ArgumentException">Another width than the booster's, a value out of range, or labels not of the objective's kind.</exception>
    /// <exception cref="LightGbmException">The native library refuses.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; looked at before each tree.</exception>
    public static GatedUpdate Update(Booster booster, LightGbmParameters parameters, IReadOnlyList<string> names, TrainingRows fresh, TrainingRows held, double decay, CancellationToken cancel)
    {
        var before = booster.Metric(parameters, names, held);
        var continued = booster.ContinueOn(parameters, names, fresh, default, cancel);
        var refitted = booster.RefitOn(parameters, names, fresh, decay);
        var (ofContinued, ofRefitted) = (continued.Metric(parameters, names, held), refitted.Metric(parameters, names, held));
        var (taken, best) = (BoosterUpdate.Kept, before);
        if (Better(ofContinued, best)) (taken, best) = (BoosterUpdate.Continued, ofContinued);
        if (Better(ofRefitted, best)) taken = BoosterUpdate.Refitted;
        if (taken != BoosterUpdate.Continued) continued.Dispose();
        if (taken != BoosterUpdate.Refitted) refitted.Dispose();
        var chosen = taken switch { BoosterUpdate.Continued => continued, BoosterUpdate.Refitted => refitted, _ => booster };
        return new GatedUpdate(chosen, taken, before, ofContinued, ofRefitted);

        bool Better(double metric, double than) => parameters.MetricRises ? metric > than : metric < than;
    }
}
