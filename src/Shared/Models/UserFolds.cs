using Media.Features;

namespace Media.Models;

/// <summary>Deals rows into folds such that one user's rows stay together and each fold holds its share of both classes.</summary>
/// <remarks>Depends on user ids and labels only: not on the order of rows, a seed, or the process.</remarks>
internal static class UserFolds
{
    /// <summary>The fold of each row, 0 … folds − 1.</summary>
    /// <exception cref="ArgumentException">Fewer users than folds have a 1 among their labels, or fewer have none.</exception>
    internal static int[] Deal(FeatureBatch x, ReadOnlySpan<float> y, int folds)
    {
        var positive = new Dictionary<string, bool>(StringComparer.Ordinal);
        for (var row = 0; row < x.Rows; row++)
        {
            var user = x.Users[row].Value;
            positive[user] = y[row] == 1 || positive.GetValueOrDefault(user);
        }
        var foldOf = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var stratum in positive.GroupBy(p => p.Value, p => p.Key))
        {
            var users = stratum.OrderBy(Scatter).ThenBy(u => u, StringComparer.Ordinal).ToList();
            for (var i = 0; i < users.Count; i++) foldOf[users[i]] = i % folds;
        }
        var (with, without) = (positive.Values.Count(p => p), positive.Values.Count(p => !p));
        if (Math.Min(with, without) < folds)
            throw new ArgumentException($"{with} users have a label 1 and {without} have none; each kind needs at least {folds}, one per fold.");
        return [.. x.Users.Select(u => foldOf[u.Value])];
    }

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
