namespace Media.Models;

/// <summary>A tree of a random forest, walked over standardised columns: inner nodes by column, threshold and children; a child below 0 is the leaf ~child.</summary>
internal sealed record ForestTree(int[] Columns, float[] Thresholds, int[] Left, int[] Right, double[] LeafValues)
{
    /// <summary>The mean of the trees' leaves.</summary>
    internal static double Mean(ForestTree[] trees, ReadOnlySpan<float> standardised)
    {
        var sum = 0.0;
        foreach (var tree in trees)
        {
            var node = tree.Left.Length == 0 ? ~0 : 0;
            while (node >= 0) node = standardised[tree.Columns[node]] <= tree.Thresholds[node] ? tree.Left[node] : tree.Right[node];
            sum += tree.LeafValues[~node];
        }
        return sum / trees.Length;
    }

    /// <exception cref="InvalidDataException">A saved forest has another width than its features.</exception>
    internal static void RequireWidth(Standardisation standardisation, ForestTree[] trees, int features)
    {
        if (standardisation.Columns != features || trees.SelectMany(t => t.Columns).Any(c => c < 0 || c >= features))
            throw new InvalidDataException("The saved forest has another width than its features.");
    }
}
