using System.Numerics.Tensors;

namespace Media.Recommendation;

/// <summary>One engine of a hybrid: how much it counts and what it sees of the strengths.</summary>
/// <param name="Weight">Of its scores once they are brought to mean 0 and deviation 1 over a user's new items.</param>
public sealed record HybridPart(string Name, IRecommender Engine, StrengthScale Scale, double Weight);

/// <summary>Several engines' scores in one: each brought to a common scale for the user, weighted, added.</summary>
/// <remarks>
/// Histories hold strengths as recorded; an item of strength 0 or less counts as seen only. A user without any strength above 0, and everyone where there is no engine, gets <see cref="Popularity"/>. An engine that tells
/// a user's new items apart by nothing adds nothing. Immutable, thread-safe.
/// </remarks>
public sealed class HybridRecommender : IRecommender
{
    private readonly Popularity _popularity;

    /// <exception cref="ArgumentException">An engine scores another number of items.</exception>
    public HybridRecommender(IReadOnlyList<HybridPart> parts, Popularity popularity)
    {
        foreach (var part in parts)
            if (part.Engine.Items != popularity.Items) throw new ArgumentException($"'{part.Name}' scores {part.Engine.Items} items; expected {popularity.Items}.");
        (Parts, _popularity) = (parts, popularity);
    }

    public IReadOnlyList<HybridPart> Parts { get; }

    public int Items => _popularity.Items;

    public void Score(SparseRow history, Span<float> scores)
    {
        if (IsCold(history) || Parts.Count == 0)
        {
            _popularity.Score(history, scores);
            return;
        }
        scores.Clear();
        var own = new float[Items];
        foreach (var part in Parts)
        {
            Normalise(part, history, own);
            TensorPrimitives.MultiplyAdd(own, (float)part.Weight, scores, scores);
        }
    }

    /// <remarks>The common scale of a user is held as it is with the whole history; what is left over, the mean over items, has no item to be put down to.</remarks>
    public void Explain(SparseRow history, int item, Span<float> contributions)
    {
        contributions.Clear();
        if (IsCold(history)) return;
        var own = new float[Items];
        var added = new float[history.Count];
        foreach (var part in Parts)
        {
            var (_, deviation) = Normalise(part, history, own);
            if (deviation == 0) continue;
            part.Engine.Explain(new SparseRow(history.Indices, Scaled(part, history)), item, added);
            TensorPrimitives.MultiplyAdd(added, (float)(part.Weight / deviation), contributions, contributions);
        }
    }

    /// <summary>One engine's scores with mean 0 and deviation 1 over the items that are not of the history.</summary>
    internal static (double Mean, double Deviation) Normalise(HybridPart part, SparseRow history, Span<float> scores)
    {
        part.Engine.Score(new SparseRow(history.Indices, Scaled(part, history)), scores);
        double sum = 0, squares = 0;
        foreach (var score in scores) (sum, squares) = (sum + score, squares + (double)score * score);
        foreach (var seen in history.Indices) (sum, squares) = (sum - scores[seen], squares - (double)scores[seen] * scores[seen]);
        var count = Math.Max(1, scores.Length - history.Count);
        var mean = sum / count;
        var variance = squares / count - mean * mean;
        // What rounding leaves of equal scores is no difference.
        var deviation = variance > 1e-10 * (squares / count) ? Math.Sqrt(variance) : 0;
        if (deviation == 0) scores.Clear();
        else
        {
            TensorPrimitives.Subtract(scores, (float)mean, scores);
            TensorPrimitives.Multiply(scores, (float)(1 / deviation), scores);
        }
        return (mean, deviation);
    }

    internal static bool IsCold(SparseRow history) => !history.Values.ContainsAnyInRange(float.Epsilon, float.MaxValue);

    private static float[] Scaled(HybridPart part, SparseRow history)
    {
        var scaled = new float[history.Count];
        for (var h = 0; h < scaled.Length; h++) scaled[h] = part.Scale.Apply(history.Values[h]);
        return scaled;
    }
}
