using Media.Events;

namespace Media.Features;

/// <summary>Rows × named columns of numbers, each row one user as of one instant.</summary>
/// <remarks>Values: Rows × Names.Count, row-major, NaN = absent. Users, AsOfMicros, LatestEventMicros: one per row. Not changed after construction.</remarks>
public sealed class FeatureBatch
{
    /// <exception cref="ArgumentException">A length does not fit, or a name stands twice.</exception>
    public FeatureBatch(IReadOnlyList<string> names, UserId[] users, long[] asOfMicros, long[] latestEventMicros, float[] values)
    {
        if (asOfMicros.Length != users.Length) throw new ArgumentException($"asOfMicros has {asOfMicros.Length} rows but users has {users.Length}.");
        if (latestEventMicros.Length != users.Length) throw new ArgumentException($"latestEventMicros has {latestEventMicros.Length} rows but users has {users.Length}.");
        if (values.Length != users.Length * names.Count) throw new ArgumentException($"values has {values.Length} numbers but {users.Length} rows × {names.Count} features need {users.Length * names.Count}.");
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count) throw new ArgumentException($"Feature '{names.GroupBy(n => n).First(g => g.Count() > 1).Key}' stands twice.");
        (Names, Users, AsOfMicros, LatestEventMicros, Values) = (names, users, asOfMicros, latestEventMicros, values);
    }

    public IReadOnlyList<string> Names { get; }
    public UserId[] Users { get; }

    /// <summary>µs since the Unix epoch, UTC: the instant each row is as of.</summary>
    public long[] AsOfMicros { get; }

    /// <summary>µs since the Unix epoch, UTC: the newest event behind each row, always before its as-of instant.</summary>
    public long[] LatestEventMicros { get; }
    public float[] Values { get; }
    public int Rows => Users.Length;

    public ReadOnlySpan<float> Row(int row) => Values.AsSpan(row * Names.Count, Names.Count);

    /// <summary>The same rows with exactly these columns in this order.</summary>
    /// <exception cref="ArgumentException">A name is not here.</exception>
    public FeatureBatch Select(IReadOnlyList<string> names)
    {
        if (names.SequenceEqual(Names, StringComparer.Ordinal)) return this;
        var position = Names.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i, StringComparer.Ordinal);
        var missing = names.Where(n => !position.ContainsKey(n)).ToList();
        if (missing.Count > 0) throw new ArgumentException($"The batch lacks the features {string.Join(", ", missing)}.");
        var from = names.Select(n => position[n]).ToArray();
        var values = new float[Rows * from.Length];
        for (var row = 0; row < Rows; row++)
            for (var c = 0; c < from.Length; c++)
                values[row * from.Length + c] = Values[row * Names.Count + from[c]];
        return new FeatureBatch(names, Users, AsOfMicros, LatestEventMicros, values);
    }

    /// <summary>These rows, in this order.</summary>
    public FeatureBatch Take(ReadOnlySpan<int> rows)
    {
        var width = Names.Count;
        var values = new float[rows.Length * width];
        var users = new UserId[rows.Length];
        var asOf = new long[rows.Length];
        var latest = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            Row(rows[i]).CopyTo(values.AsSpan(i * width, width));
            (users[i], asOf[i], latest[i]) = (Users[rows[i]], AsOfMicros[rows[i]], LatestEventMicros[rows[i]]);
        }
        return new FeatureBatch(Names, users, asOf, latest, values);
    }

    /// <summary>The batches' rows one after another.</summary>
    /// <exception cref="ArgumentException">No batch, or other columns.</exception>
    public static FeatureBatch Concat(IReadOnlyList<FeatureBatch> batches)
    {
        if (batches.Count == 0) throw new ArgumentException("No batch to concatenate.");
        var names = batches[0].Names;
        foreach (var batch in batches)
            if (!batch.Names.SequenceEqual(names, StringComparer.Ordinal)) throw new ArgumentException("The batches have other columns.");
        return new FeatureBatch(names, [.. batches.SelectMany(b => b.Users)], [.. batches.SelectMany(b => b.AsOfMicros)],
            [.. batches.SelectMany(b => b.LatestEventMicros)], [.. batches.SelectMany(b => b.Values)]);
    }
}
