using Apache.Arrow;
using Apache.Arrow.Types;

namespace Media.Lake;

/// <summary>One column of a table.</summary>
/// <param name="Type">One of <see cref="ColumnTypes"/>, or any Arrow type that Delta knows.</param>
/// <param name="Nullable">Whether a value may be absent.</param>
/// <param name="Unit">What one of its numbers is, e.g. "ms", "USD"; written into the table as the column's comment.</param>
public sealed record Column(string Name, IArrowType Type, bool Nullable = true, string? Unit = null);

#pragma warning disable CA1720 // These are Delta's own words for its types.
/// <summary>The types our own tables use, under Delta's names.</summary>
public static class ColumnTypes
{
    public static readonly IArrowType String = StringType.Default;
    public static readonly IArrowType Binary = BinaryType.Default;
    public static readonly IArrowType Boolean = BooleanType.Default;
    public static readonly IArrowType Integer = Int32Type.Default;
    public static readonly IArrowType Long = Int64Type.Default;
    public static readonly IArrowType Float = FloatType.Default;
    public static readonly IArrowType Double = DoubleType.Default;
    public static readonly IArrowType Date = Date32Type.Default;

    /// <summary>int64 µs since the Unix epoch, UTC.</summary>
    public static readonly IArrowType Timestamp = new TimestampType(TimeUnit.Microsecond, "UTC");
}
#pragma warning restore CA1720

/// <summary>The columns of a table, in order, and which of them part it into folders. Immutable, thread-safe.</summary>
public sealed class TableSchema
{
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);

    /// <param name="name">snake_case; the table's name in every store.</param>
    /// <exception cref="ArgumentException">No column, a name twice, or a partition column that is not among the columns.</exception>
    public TableSchema(string name, IReadOnlyList<Column> columns, params IReadOnlyList<string> partitionColumns)
    {
        if (columns.Count == 0) throw new ArgumentException($"Table '{name}' has no columns.", nameof(columns));
        for (var i = 0; i < columns.Count; i++)
            if (!_positions.TryAdd(columns[i].Name, i)) throw new ArgumentException($"Table '{name}' has column '{columns[i].Name}' twice.", nameof(columns));
        foreach (var partition in partitionColumns)
            if (!_positions.ContainsKey(partition)) throw new ArgumentException($"Table '{name}' has no column '{partition}' to be parted by.", nameof(partitionColumns));
        (Name, Columns, PartitionColumns) = (name, columns, partitionColumns);
    }

    public string Name { get; }
    public IReadOnlyList<Column> Columns { get; }

    /// <summary>Names of the columns whose values stand in the folder names and not in the files; may be empty.</summary>
    public IReadOnlyList<string> PartitionColumns { get; }

    /// <summary>The column of that name, or null.</summary>
    public Column? Find(string name) => _positions.TryGetValue(name, out var i) ? Columns[i] : null;

    public bool IsPartition(string name) => PartitionColumns.Contains(name, StringComparer.Ordinal);

    /// <summary>The schema of a batch that holds these columns (all when null), in that order.</summary>
    /// <exception cref="ArgumentException">A name is not a column of the table.</exception>
    public Schema ToArrow(IReadOnlyList<string>? names = null) =>
        new((names is null ? Columns : names.Select(Require)).Select(c => new Field(c.Name, c.Type, c.Nullable)), metadata: null);

    private Column Require(string name) =>
        Find(name) ?? throw new ArgumentException($"Table '{Name}' has no column '{name}'; it has {string.Join(", ", Columns.Select(c => c.Name))}.");
}
