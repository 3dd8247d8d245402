using Media.Events.Archives;

namespace Media.Tuning;

/// <summary>Turns a table's cells into numbers: numbers as they are, dates into days since 1970, categories into codes, texts into their length; NaN for what is missing or was not seen in training.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed class TableEncoding
{
    private readonly Column[] _columns;
    private readonly Dictionary<string, int>[] _codes;

    internal TableEncoding(IReadOnlyList<string> names, Column[] columns)
    {
        (Names, _columns) = (names, columns);
        _codes = [.. columns.Select(c => c.Levels.Select((level, code) => (level, code)).ToDictionary(p => p.level, p => p.code, StringComparer.Ordinal))];
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>One per name.</summary>
    public IReadOnlyList<TableColumnKind> Kinds => [.. _columns.Select(c => c.Kind)];

    /// <summary>The number that a cell becomes.</summary>
    /// <param name="column">By position among the names.</param>
    public float Of(int column, ReadOnlySpan<char> text)
    {
        var missing = ArchiveCsv.SaysNothing(text);
        switch (_columns[column].Kind)
        {
            case TableColumnKind.Number: return !missing && TableCell.TryNumber(text, out var number) ? (float)number : float.NaN;
            case TableColumnKind.Date: return !missing && TableCell.TryDays(text, out var days) ? (float)days : float.NaN;
            case TableColumnKind.Text: return text.Trim().Length;
            case TableColumnKind.Category:
                var codes = _codes[column].GetAlternateLookup<ReadOnlySpan<char>>();
                return codes.TryGetValue(missing ? [] : text.Trim(), out var code) ? code : float.NaN;
            default: return float.NaN;
        }
    }

    /// <summary>Categories of a column, 0 for other kinds.</summary>
    internal int LevelsOf(int column) => _columns[column].Levels.Count;

    /// <summary>How one column is read.</summary>
    /// <param name="Levels">Words by code; the empty one is an absence.</param>
    internal sealed record Column(TableColumnKind Kind, IReadOnlyList<string> Levels);
}
