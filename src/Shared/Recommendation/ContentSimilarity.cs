namespace Media.Recommendation;

/// <summary>Likeness by what items are about: cosine of TF-IDF vectors, of an item and of a history's items together.</summary>
/// <remarks>
/// A term's weight in an item is its count × (ln((1 + items) ⁄ (1 + items with the term)) + 1), items without any term not counted; vectors have length 1. Answers for items that nobody has
/// had anything to do with yet. Items without a term are like none. Cells of strength 0 or less do not count. Immutable, thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1016/0306-4573(88)90021-0">Salton &amp; Buckley 1988, Term-weighting approaches in automatic text retrieval</seealso>
public sealed class ContentSimilarity : IRecommender
{
    private readonly SparseMatrix _vectors;

    private ContentSimilarity(SparseMatrix vectors) => _vectors = vectors;

    public int Items => _vectors.Rows;

    /// <param name="terms">Items × terms: how often each stands in each.</param>
    public static ContentSimilarity Fit(SparseMatrix terms)
    {
        var itemsWith = new int[terms.Columns];
        var items = 0;
        for (var item = 0; item < terms.Rows; item++)
        {
            var row = terms.Row(item);
            if (row.Count > 0) items++;
            foreach (var term in row.Indices) itemsWith[term]++;
        }
        var vectors = new List<Interaction>(terms.Count);
        for (var item = 0; item < terms.Rows; item++)
        {
            var (indices, counts) = terms.Row(item);
            var first = vectors.Count;
            var squares = 0.0;
            for (var i = 0; i < indices.Length; i++)
            {
                var weight = counts[i] * (Math.Log((1.0 + items) / (1 + itemsWith[indices[i]])) + 1);
                squares += weight * weight;
                vectors.Add(new Interaction(item, indices[i], (float)weight));
            }
            var length = (float)Math.Sqrt(squares);
            for (var i = first; i < vectors.Count; i++) vectors[i] = vectors[i] with { Strength = vectors[i].Strength / length };
        }
        return new ContentSimilarity(SparseMatrix.From(terms.Rows, terms.Columns, [.. vectors]));
    }

    /// <summary>The history's items together: the sum of their vectors × their strengths, one number a term.</summary>
    public float[] ProfileOf(SparseRow history)
    {
        var profile = new float[_vectors.Columns];
        for (var h = 0; h < history.Count; h++)
        {
            if (history.Values[h] <= 0) continue;
            var (terms, weights) = _vectors.Row(history.Indices[h]);
            for (var t = 0; t < terms.Length; t++) profile[terms[t]] += history.Values[h] * weights[t];
        }
        return profile;
    }

    /// <summary>An item's vector × a profile.</summary>
    public float Score(ReadOnlySpan<float> profile, int item)
    {
        var (terms, weights) = _vectors.Row(item);
        var sum = 0f;
        for (var t = 0; t < terms.Length; t++) sum += weights[t] * profile[terms[t]];
        return sum;
    }

    /// <summary>Of two items, in [0, 1].</summary>
    public float Cosine(int one, int other)
    {
        var (terms, weights) = _vectors.Row(one);
        var (otherTerms, otherWeights) = _vectors.Row(other);
        var (sum, o) = (0f, 0);
        for (var t = 0; t < terms.Length; t++)
        {
            while (o < otherTerms.Length && otherTerms[o] < terms[t]) o++;
            if (o < otherTerms.Length && otherTerms[o] == terms[t]) sum += weights[t] * otherWeights[o];
        }
        return Math.Min(1, sum);
    }

    public void Score(SparseRow history, Span<float> scores)
    {
        var profile = ProfileOf(history);
        for (var item = 0; item < scores.Length; item++) scores[item] = Score(profile, item);
    }

    public void Explain(SparseRow history, int item, Span<float> contributions)
    {
        for (var h = 0; h < history.Count; h++) contributions[h] = Math.Max(0, history.Values[h]) * Cosine(item, history.Indices[h]);
    }
}
