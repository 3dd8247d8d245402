using Media.Features;

namespace Media.Models;

/// <summary>Deals rows into folds such that one user's rows stay together and each fold holds its share of both classes.</summary>
/// <remarks>Depends on user ids and labels only: not on the order of rows, a seed, or the process.</remarks>
internal static class UserFolds
{
    /// <summary>The fold of each row, 0 … folds − 1.</summary>
    /// <exception cref="TooFewRowsException">Fewer users than folds have a label 1, or fewer a label 0.</exception>
    internal static int[] Deal(FeatureBatch x, ReadOnlySpan<float> y, int folds)
    {
        var labels = new Dictionary<string, (bool One, bool Zero)>(StringComparer.Ordinal);
        for (var row = 0; row < x.Rows; row++)
        {
            var user = x.Entities[row];
            var known = labels.GetValueOrDefault(user);
            labels[user] = (known.One || y[row] == 1, known.Zero || y[row] != 1);
        }
        var (ones, zeros) = (labels.Values.Count(l => l.One), labels.Values.Count(l => l.Zero));
        if (Math.Min(ones, zeros) < folds)
            throw new TooFewRowsException($"{ones} users have a label 1 and {zeros} a label 0; of each kind at least {folds} are needed, one per fold.");

        // Users with a 1 only, with both, with a 0 only: dealt in one go, those with a 1 stand together and so do those with a 0, and each reaches every fold.
        var dealt = labels.OrderBy(l => l.Value.Zero).ThenBy(l => !l.Value.One).ThenBy(l => Scatter(l.Key)).ThenBy(l => l.Key, StringComparer.Ordinal);
        var foldOf = dealt.Select((l, i) => (l.Key, Fold: i % folds)).ToDictionary(p => p.Key, p => p.Fold, StringComparer.Ordinal);
        return [.. x.Entities.Select(e => foldOf[e])];
    }

    /// <summary>The fold of each row, 0 … folds − 1, for labels that are amounts: users in the order of their mean label are dealt in turn, so that small and large ones reach every fold.</summary>
    /// <exception cref="TooFewRowsException">Fewer users than folds.</exception>
    internal static int[] DealByAmount(FeatureBatch x, ReadOnlySpan<float> y, int folds)
    {
        var amounts = new Dictionary<string, (double Sum, int Rows)>(StringComparer.Ordinal);
        for (var row = 0; row < x.Rows; row++)
        {
            var (sum, rows) = amounts.GetValueOrDefault(x.Entities[row]);
            amounts[x.Entities[row]] = (sum + y[row], rows + 1);
        }
        if (amounts.Count < folds) throw new TooFewRowsException($"The rows are of {amounts.Count} users; at least {folds} are needed, one per fold.");
        var dealt = amounts.OrderBy(a => a.Value.Sum / a.Value.Rows).ThenBy(a => Scatter(a.Key)).ThenBy(a => a.Key, StringComparer.Ordinal);
        var foldOf = dealt.Select((a, i) => (a.Key, Fold: i % folds)).ToDictionary(p => p.Key, p => p.Fold, StringComparer.Ordinal);
        return [.. x.Entities.Select(e => foldOf[e])];
    }

    /// <summary>The rows of all folds but the first, to learn from, and the first's, to judge by.</summary>
    internal static (int[] Kept, int[] Aside) Part(int[] foldOf) =>
        ([.. Enumerable.Range(0, foldOf.Length).Where(r => foldOf[r] != 0)], [.. Enumerable.Range(0, foldOf.Length).Where(r => foldOf[r] == 0)]);

    /// <summary>FNV-1a, mixed once more: the same on every machine, unlike string.GetHashCode.</summary>
    private static ulong Scatter(string user)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in user) hash = (hash ^ c) * 1099511628211UL;
        hash ^= hash >> 33;
        hash *= 0xff51afd7ed558ccdUL;
        return hash ^ hash >> 33;
    }
}
