namespace Media.Recommendation;

/// <summary>What of a strength counts.</summary>
public enum StrengthKind
{
    /// <summary>Only that there is one: 1 for each above 0.</summary>
    Binary,

    /// <summary>log(1 + strength): the tenth play counts for less than the second.</summary>
    Log,

    /// <summary>The strength as it is: ratings.</summary>
    Raw,
}

/// <summary>From strengths as recorded to those an engine is fitted to: 0 for none or less, 1 on average for the others.</summary>
/// <remarks>The average makes one engine's hyperparameters mean the same on every scale. Immutable, thread-safe.</remarks>
public sealed record StrengthScale(StrengthKind Kind, float Unit)
{
    /// <summary>The scale of a matrix's strengths.</summary>
    public static StrengthScale Of(SparseMatrix interactions, StrengthKind kind)
    {
        var plain = new StrengthScale(kind, 1);
        double sum = 0;
        long count = 0;
        for (var row = 0; row < interactions.Rows; row++)
            foreach (var strength in interactions.Row(row).Values)
            {
                if (strength <= 0) continue;
                sum += plain.Apply(strength);
                count++;
            }
        return count == 0 ? plain : plain with { Unit = (float)(sum / count) };
    }

    public float Apply(float strength) => strength <= 0 ? 0 : Kind switch
    {
        StrengthKind.Binary => 1,
        StrengthKind.Log => MathF.Log(1 + strength) / Unit,
        _ => strength / Unit,
    };
}
