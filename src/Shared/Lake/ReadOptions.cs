using Media.Events;

namespace Media.Lake;

/// <summary>Which part of a table to read.</summary>
public sealed record ReadOptions
{
    /// <summary>The table as it was at this version; null = the latest. Not together with <see cref="AsOf"/>.</summary>
    public long? Version { get; init; }

    /// <summary>The table as it was at this instant; null = the latest.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Columns wanted, in this order; null = all.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Files that cannot hold a row within every range are not read.</summary>
    /// <remarks>Exact for partition columns. For other columns a file that is read may hold rows outside: filter those by hand.</remarks>
    public IReadOnlyList<ColumnRange> Ranges { get; init; } = [];
}

/// <summary>From least to greatest, both included; null is open. Absent values are in no range.</summary>
public sealed record ColumnRange
{
    private ColumnRange(string column, IComparable? least, IComparable? greatest) => (Column, Least, Greatest) = (column, least, greatest);

    public string Column { get; }
    internal IComparable? Least { get; }
    internal IComparable? Greatest { get; }

    /// <summary>Of a date column.</summary>
    public static ColumnRange Days(string column, DateOnly? first, DateOnly? last) => new(column, first, last);

    /// <summary>Of a timestamp column, in µs since the Unix epoch.</summary>
    public static ColumnRange Micros(string column, long? first, long? last) => new(column, first, last);

    /// <summary>Of an integer or long column.</summary>
    public static ColumnRange Whole(string column, long? least, long? greatest) => new(column, least, greatest);

    /// <summary>Of a float or double column.</summary>
    public static ColumnRange Real(string column, double? least, double? greatest) => new(column, least, greatest);

    /// <summary>Of a string column: this very text.</summary>
    public static ColumnRange Text(string column, string text) => new(column, text, text);

    /// <summary>Whether the text of a partition value lies within.</summary>
    internal bool Holds(string? value)
    {
        if (string.IsNullOrEmpty(value)) return false;
        var invariant = System.Globalization.CultureInfo.InvariantCulture;
        return (Least ?? Greatest) switch
        {
            null => true,
            string => string.Equals(value, Least as string, StringComparison.Ordinal),
            DateOnly => Within(DateOnly.ParseExact(value, "yyyy-MM-dd", invariant)),
            double => Within(double.Parse(value, invariant)),
            _ when long.TryParse(value, invariant, out var whole) => Within(whole),
            _ => Within(EpochMicros.Of(DateTimeOffset.Parse(value, invariant, System.Globalization.DateTimeStyles.AssumeUniversal))),
        };
    }

    private bool Within(IComparable value) => (Least is null || value.CompareTo(Least) >= 0) && (Greatest is null || value.CompareTo(Greatest) <= 0);
}
