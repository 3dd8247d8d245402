namespace Media.Features;

/// <summary>Rows × named columns of numbers, each row one entity (a reader, an article, a headline test) as of one instant.</summary>
/// <remarks>Values: Rows × Names.Count, row-major, NaN = absent. Entities, AsOfMicros, LatestEventMicros: one per row. Items: one per row, or none at all. Not changed after construction.</remarks>
public sealed class FeatureBatch
{
    /// <exception cref="ArgumentException">A length does not fit, or a name stands twice.</exception>
    public FeatureBatch(IReadOnlyList<string> names, string[] entities, long[] asOfMicros, long[] latestEventMicros, float[] values, string[]? items = null)
    {
        if (asOfMicros.Length != entities.Length) throw new ArgumentException($"asOfMicros has {asOfMicros.Length} rows but entities has {entities.Length}.");
        if (latestEventMicros.Length != entities.Length) throw new ArgumentException($"latestEventMicros has {latestEventMicros.Length} rows but entities has {entities.Length}.");
        if (items is { Length: > 0 } && items.Length != entities.Length) throw new ArgumentException($"items has {items.Length} rows but entities has {entities.Length}.");
        if (values.Length != entities.Length * names.Count) throw new ArgumentException($"values has {values.Length} numbers but {entities.Length} rows × {names.Count} features need {entities.Length * names.Count}.");
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count) throw new ArgumentException($"Feature '{names.GroupBy(n => n).First(g => g.Count() > 1).Key}' stands twice.");
        (Names, Entities, Items, AsOfMicros, LatestEventMicros, Values) = (names, entities, items ?? [], asOfMicros, latestEventMicros, values);
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Whose future each row is about: a reader's id, an article's, a test's. Rows of one entity are not independent: folds and resamples keep them together.</summary>
    public string[] Entities { get; }

    /// <summary>What each row is about besides its entity: the article offered to the reader, the headline in the test. Empty when rows are about entities alone.</summary>
    public string[] Items { get; }

    /// <summary>µs since the Unix epoch, UTC: the instant each row is as of.</summary>
    public long[] AsOfMicros { get; }

    /// <summary>µs since the Unix epoch, UTC: the newest event behind each row, always before its as-of instant.</summary>
    public long[] LatestEventMicros { get; }
    public float[] Values { get; }
    public int Rows => Entities.Length;

    /// <summary>The same rows with other values: columns changed in place of a copy's.</summary>
    /// <param name="values">Rows × Names.Count.</param>
    public FeatureBatch With(float[] values) => new(Names, Entities, AsOfMicros, LatestEventMicros, values, Items);

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
        return new FeatureBatch(names, Entities, AsOfMicros, LatestEventMicros, values, Items);
    }

    /// <summary>One column's values, a row each.</summary>
    /// <exception cref="ArgumentException">The name is not here.</exception>
    public float[] Column(string name) => Select([name]).Values;

    /// <summary>The rows as of the latest instant, ascending; none when there are no rows.</summary>
    public int[] LatestRows()
    {
        if (Rows == 0) return [];
        var latest = AsOfMicros.Max();
        return [.. Enumerable.Range(0, Rows).Where(row => AsOfMicros[row] == latest)];
    }

    /// <summary>These rows, in this order.</summary>
    public FeatureBatch Take(ReadOnlySpan<int> rows)
    {
        var width = Names.Count;
        var values = new float[rows.Length * width];
        var entities = new string[rows.Length];
        var items = Items.Length > 0 ? new string[rows.Length] : Items;
        var asOf = new long[rows.Length];
        var latest = new long[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            Row(rows[i]).CopyTo(values.AsSpan(i * width, width));
            (entities[i], asOf[i], latest[i]) = (Entities[rows[i]], AsOfMicros[rows[i]], LatestEventMicros[rows[i]]);
            if (items.Length > 0) items[i] = Items[rows[i]];
        }
        return new FeatureBatch(Names, entities, asOf, latest, values, items);
    }

    /// <summary>The batches' rows one after another.</summary>
    /// <exception cref="ArgumentException">No batch, or other columns.</exception>
    public static FeatureBatch Concat(IReadOnlyList<FeatureBatch> batches)
    {
        if (batches.Count == 0) throw new ArgumentException("No batch to concatenate.");
        var names = batches[0].Names;
        foreach (var batch in batches)
            if (!batch.Names.SequenceEqual(names, StringComparer.Ordinal)) throw new ArgumentException("The batches have other columns.");
        var items = batches.SelectMany(b => b.Items).ToArray();
        if (items.Length > 0 && batches.Any(b => b.Rows > 0 && b.Items.Length == 0)) throw new ArgumentException("Some of the batches have items, others none.");
        return new FeatureBatch(names, [.. batches.SelectMany(b => b.Entities)], [.. batches.SelectMany(b => b.AsOfMicros)],
            [.. batches.SelectMany(b => b.LatestEventMicros)], [.. batches.SelectMany(b => b.Values)], items);
    }
}
