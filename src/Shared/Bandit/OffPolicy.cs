namespace Media.Bandit;

/// <summary>Values a policy from a log that another policy made, through the logged propensities, a model of the reward, or both.</summary>
/// <remarks>
/// One entry per logged decision, all spans of equal length:
/// rewards · logged, the probability with which the logging policy drew that arm, in (0, 1] · target, the probability with which the policy to be valued
/// would have drawn the same arm, in [0, 1] · predicted, a model's expected reward of that arm · expected, its expected reward under the policy to be
/// valued, Σ over arms of target probability × prediction (<see cref="Expected"/>). A model must not have seen the row it predicts: fit it on other rows (cross-fitting).
/// A weight is target / logged. Where the logging policy never draws an arm that the other would, no estimate can know its value. Pure, thread-safe.
/// </remarks>
/// <exception cref="ArgumentException">No row, other lengths, a probability outside its range, or a number that is not finite.</exception>
public static class OffPolicy
{
    /// <summary>Inverse propensity scoring: mean of weight × reward. Unbiased; wide where the policies differ.</summary>
    /// <seealso href="https://doi.org/10.1080/01621459.1952.10483446">Horvitz &amp; Thompson 1952</seealso>
    public static OffPolicyEstimate Ips(ReadOnlySpan<double> rewards, ReadOnlySpan<double> logged, ReadOnlySpan<double> target)
    {
        var weights = Weights(rewards, logged, target);
        var terms = new double[rewards.Length];
        for (var i = 0; i < terms.Length; i++) terms[i] = weights[i] * rewards[i];
        return OffPolicyEstimate.Mean(terms, EffectiveSize(weights));
    }

    /// <summary>Self-normalised: Σ weight × reward / Σ weight. Slightly biased, mostly narrower, and unmoved when all rewards shift.</summary>
    /// <remarks>Standard error by the delta method. NaN when no logged decision has weight.</remarks>
    /// <seealso href="https://papers.nips.cc/paper/5748-the-self-normalized-estimator-for-counterfactual-learning">Swaminathan &amp; Joachims 2015</seealso>
    public static OffPolicyEstimate Snips(ReadOnlySpan<double> rewards, ReadOnlySpan<double> logged, ReadOnlySpan<double> target)
    {
        var weights = Weights(rewards, logged, target);
        var terms = new double[rewards.Length];
        for (var i = 0; i < terms.Length; i++) terms[i] = weights[i] * rewards[i];
        return OffPolicyEstimate.Ratio(terms, weights, EffectiveSize(weights));
    }

    /// <summary>The direct method: what the model expects, mean over the logged decisions. Narrow, and as wrong as the model is.</summary>
    /// <remarks>Its interval knows the spread of the rows only, not the error of the model: it may well miss the truth.</remarks>
    public static OffPolicyEstimate DirectMethod(ReadOnlySpan<double> expected)
    {
        RequireRows(expected.Length);
        RequireFinite(expected, expected.Length, nameof(expected));
        return OffPolicyEstimate.Mean(expected.ToArray(), expected.Length);
    }

    /// <summary>Doubly robust: the model's expectation plus weight × what the model missed. Unbiased with true propensities, however wrong the model; the better the model, the narrower.</summary>
    /// <seealso href="https://arxiv.org/abs/1103.4601">Dudík, Langford, Li 2011, Doubly Robust Policy Evaluation and Learning</seealso>
    public static OffPolicyEstimate DoublyRobust(ReadOnlySpan<double> rewards, ReadOnlySpan<double> logged, ReadOnlySpan<double> target, ReadOnlySpan<double> predicted, ReadOnlySpan<double> expected) =>
        SwitchDoublyRobust(rewards, logged, target, predicted, expected, double.PositiveInfinity);

    /// <summary>Doubly robust where the weight is at most τ; the model alone where it is higher. Trades the variance of large weights for the model's bias there.</summary>
    /// <param name="mostWeight">τ, ≥ 0: 0 is the direct method, infinity doubly robust.</param>
    /// <seealso href="https://arxiv.org/abs/1612.01205">Wang, Agarwal, Dudík 2017, Optimal and Adaptive Off-policy Evaluation in Contextual Bandits</seealso>
    public static OffPolicyEstimate SwitchDoublyRobust(
        ReadOnlySpan<double> rewards, ReadOnlySpan<double> logged, ReadOnlySpan<double> target, ReadOnlySpan<double> predicted, ReadOnlySpan<double> expected, double mostWeight)
    {
        if (!(mostWeight >= 0)) throw new ArgumentOutOfRangeException(nameof(mostWeight), mostWeight, $"mostWeight is {mostWeight} but must be ≥ 0.");
        var weights = Weights(rewards, logged, target);
        RequireFinite(predicted, rewards.Length, nameof(predicted));
        RequireFinite(expected, rewards.Length, nameof(expected));
        var terms = new double[rewards.Length];
        for (var i = 0; i < terms.Length; i++)
        {
            if (weights[i] > mostWeight) weights[i] = 0;
            terms[i] = expected[i] + weights[i] * (rewards[i] - predicted[i]);
        }
        return OffPolicyEstimate.Mean(terms, EffectiveSize(weights));
    }

    /// <summary>A model's expected reward under a policy, per row: Σ over arms of probability × prediction.</summary>
    /// <param name="probabilities">rows × arms, row-major: the policy's probability of each arm in that row.</param>
    /// <param name="predictions">rows × arms, row-major: the model's expected reward of each arm in that row.</param>
    /// <param name="arms">≥ 1.</param>
    public static double[] Expected(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> predictions, int arms)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(arms);
        if (probabilities.Length != predictions.Length || probabilities.Length % arms != 0)
            throw new ArgumentException($"probabilities has {probabilities.Length} entries and predictions {predictions.Length}; both need rows × {arms}.");
        var expected = new double[probabilities.Length / arms];
        for (var i = 0; i < probabilities.Length; i++) expected[i / arms] += probabilities[i] * predictions[i];
        return expected;
    }

    /// <summary>Replays a log to a policy that learns as it goes: a row counts when the policy chooses the arm that was logged, and the policy learns from those rows alone.</summary>
    /// <remarks>
    /// Unbiased for a log whose choices do not depend on what is to come. A row of a likelier arm is kept with probability least propensity / its propensity, so that
    /// the rows offered are those of a uniform log; a uniform log keeps all. The estimate's effective sample size is the number of rows that counted; NaN when none did.
    /// </remarks>
    /// <param name="contexts">Per row, for a policy that knows them.</param>
    /// <param name="arms">The logged arms.</param>
    /// <param name="revenueUsd">Per row; above 0 only where clicked.</param>
    /// <seealso href="https://arxiv.org/abs/1003.5956">Li, Chu, Langford, Wang 2011, Unbiased Offline Evaluation of Contextual-bandit-based News Article Recommendation Algorithms</seealso>
    public static OffPolicyEstimate Replay(
        ReadOnlySpan<string> contexts, ReadOnlySpan<int> arms, ReadOnlySpan<double> logged, ReadOnlySpan<bool> clicked, ReadOnlySpan<double> revenueUsd, IContextualPolicy policy, Random random)
    {
        RequireRows(arms.Length);
        if (contexts.Length != arms.Length || logged.Length != arms.Length || clicked.Length != arms.Length || revenueUsd.Length != arms.Length)
            throw new ArgumentException($"arms has {arms.Length} entries, contexts {contexts.Length}, logged {logged.Length}, clicked {clicked.Length}, revenueUsd {revenueUsd.Length}; they must be as many.");
        var least = double.PositiveInfinity;
        for (var i = 0; i < logged.Length; i++) least = Math.Min(least, RequirePropensity(logged, i));
        var counted = new List<double>();
        for (var i = 0; i < arms.Length; i++)
        {
            if (logged[i] > least && random.NextDouble() * logged[i] >= least) continue;
            if (policy.Choose(contexts[i], random).Arm != arms[i]) continue;
            policy.Update(contexts[i], arms[i], clicked[i], revenueUsd[i]);
            counted.Add(revenueUsd[i]);
        }
        return OffPolicyEstimate.Mean([.. counted], counted.Count);
    }

    private static double[] Weights(ReadOnlySpan<double> rewards, ReadOnlySpan<double> logged, ReadOnlySpan<double> target)
    {
        RequireRows(rewards.Length);
        RequireFinite(rewards, rewards.Length, nameof(rewards));
        RequireFinite(logged, rewards.Length, nameof(logged));
        RequireFinite(target, rewards.Length, nameof(target));
        var weights = new double[rewards.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            if (!(target[i] is >= 0 and <= 1)) throw new ArgumentException($"target[{i}] is {target[i]} but must be in [0, 1].", nameof(target));
            weights[i] = target[i] / RequirePropensity(logged, i);
        }
        return weights;
    }

    private static double EffectiveSize(double[] weights)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var weight in weights)
        {
            sum += weight;
            squares += weight * weight;
        }
        return squares == 0 ? 0 : sum * sum / squares;
    }

    private static double RequirePropensity(ReadOnlySpan<double> logged, int row) =>
        logged[row] is > 0 and <= 1 ? logged[row] : throw new ArgumentException($"logged[{row}] is {logged[row]} but must be in (0, 1].", nameof(logged));

    private static void RequireRows(int rows)
    {
        if (rows == 0) throw new ArgumentException("An off-policy value needs at least one logged decision.");
    }

    private static void RequireFinite(ReadOnlySpan<double> values, int rows, string name)
    {
        if (values.Length != rows) throw new ArgumentException($"{name} has {values.Length} entries but there are {rows} logged decisions.", name);
        for (var i = 0; i < values.Length; i++)
            if (!double.IsFinite(values[i])) throw new ArgumentException($"{name}[{i}] is {values[i]} but must be finite.", name);
    }
}
