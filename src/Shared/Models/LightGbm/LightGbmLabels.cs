namespace Media.Models.LightGbm;

/// <summary>Which labels an objective can learn from.</summary>
internal static class LightGbmLabels
{
    /// <param name="training">Rows to learn from, which must also show something to learn.</param>
    /// <exception cref="ArgumentException">A label is not of the objective's kind; the message names its row.</exception>
    internal static void Check(LightGbmObjective objective, ReadOnlySpan<float> labels, bool training)
    {
        switch (objective)
        {
            case LightGbmObjective.Binary when training: BinaryLabels.RequireBoth(labels); break;
            case LightGbmObjective.Binary: BinaryLabels.Require(labels); break;
            case LightGbmObjective.Poisson or LightGbmObjective.Tweedie:
                Require(static l => l >= 0, "at least 0", labels);
                if (training && !labels.ContainsAnyExcept(0f)) throw new ArgumentException($"All {labels.Length} labels are 0; {objective} needs one above 0.");
                break;
            case LightGbmObjective.Gamma: Require(static l => l > 0, "above 0", labels); break;
            case LightGbmObjective.LambdaRank:
                Require(static l => l is >= 0 and <= LightGbmParameters.MostRelevance && l == MathF.Floor(l), $"a whole number from 0 to {LightGbmParameters.MostRelevance}", labels);
                break;
        }

        void Require(Predicate<float> allowed, string expected, ReadOnlySpan<float> all)
        {
            for (var i = 0; i < all.Length; i++)
                if (!allowed(all[i])) throw new ArgumentException($"The label of row {i} is {all[i]}; for {objective} it must be {expected}.");
        }
    }
}
