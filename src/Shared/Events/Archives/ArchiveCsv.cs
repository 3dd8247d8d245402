using Sylvan.Data.Csv;

namespace Media.Events.Archives;

/// <summary>A CSV file read row by row, its columns by name: what every archive and every table of a user's own comes through.</summary>
/// <remarks>
/// Comma-separated, the first row names the columns, quotes may hold commas and line ends (RFC 4180). Gzipped when the name ends in .gz; a cut-off file is an error.
/// Spaces around column names are dropped. Not thread-safe; disposes the file.
/// </remarks>
public sealed class ArchiveCsv : IDisposable
{
    private readonly StreamReader _text;
    private readonly CsvDataReader _csv;
    private readonly Dictionary<string, int> _ordinals = new(StringComparer.Ordinal);

    private ArchiveCsv(StreamReader text, CsvDataReader csv, string name, bool named)
    {
        (_text, _csv, Name) = (text, csv, name);
        var columns = new List<string>(csv.FieldCount);
        for (var i = 0; i < csv.FieldCount; i++)
        {
            var column = named ? csv.GetName(i).Trim() : $"{i + 1}";
            columns.Add(column);
            if (!_ordinals.TryAdd(column, i)) throw new InvalidDataException($"{name} has the column '{column}' twice.");
        }
        Columns = columns;
    }

    /// <summary>The file's name, for messages.</summary>
    public string Name { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The present row, from 1.</summary>
    public int Row => _csv.RowNumber;

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is empty, no CSV, or lacks a required column; all that it lacks are listed.</exception>
    public static ArchiveCsv Open(string path, params IReadOnlyList<string> required) => Open(File(path), Path.GetFileName(path), named: true, required);

    /// <summary>Opens a file whose first row is a row like all others: columns are named by their places, from "1".</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no CSV.</exception>
    public static ArchiveCsv OpenUnnamed(string path) => Open(File(path), Path.GetFileName(path), named: false, []);

    private static FileStream File(string path)
    {
        if (Directory.Exists(path)) throw new FileNotFoundException($"'{path}' is a folder; a CSV file (.csv or .csv.gz) is needed.");
        if (!System.IO.File.Exists(path)) throw new FileNotFoundException($"There is no file '{path}'.");
        return System.IO.File.OpenRead(path);
    }

    /// <summary>Reads a file that is open already.</summary>
    /// <param name="file">Disposed with this, or when opening fails.</param>
    /// <param name="name">The file's name, for its extension and for messages.</param>
    /// <exception cref="InvalidDataException">The file is empty, no CSV, or lacks a required column; all that it lacks are listed.</exception>
    public static ArchiveCsv Open(Stream file, string name, params IReadOnlyList<string> required) => Open(file, name, named: true, required);

    private static ArchiveCsv Open(Stream file, string name, bool named, IReadOnlyList<string> required)
    {
        var text = new StreamReader(name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new CheckedGzipStream(file, name) : file);
        var opened = false;
        try
        {
            var csv = new ArchiveCsv(text, CsvDataReader.Create(text, new CsvDataReaderOptions { Delimiter = ',', HasHeaders = named, BufferSize = 256 * 1024, MaxBufferSize = 16 * 1024 * 1024, OwnsReader = false }), name, named);
            var missing = required.Where(c => !csv._ordinals.ContainsKey(c)).ToList();
            if (missing.Count > 0) throw new InvalidDataException($"{name} has no column{(missing.Count > 1 ? "s" : "")} {string.Join(", ", missing.Select(c => $"'{c}'"))}; it has {string.Join(", ", csv.Columns.Take(20))}.");
            opened = true;
            return csv;
        }
        catch (CsvMissingHeadersException fault)
        {
            throw new InvalidDataException($"{name} is empty: not even column names.", fault);
        }
        catch (CsvFormatException fault)
        {
            throw new InvalidDataException($"{name} has no readable header: {fault.Message}", fault);
        }
        finally
        {
            if (!opened) text.Dispose();
        }
    }

    /// <summary>Where a column stands, for <see cref="Field"/>.</summary>
    /// <exception cref="InvalidDataException">No such column.</exception>
    public int Ordinal(string column) => _ordinals.TryGetValue(column, out var at) ? at : throw new InvalidDataException($"{Name} has no column '{column}'; it has {string.Join(", ", Columns.Take(20))}.");

    /// <summary>Moves to the next row; false at the end.</summary>
    /// <exception cref="InvalidDataException">The row is no CSV, has another number of fields, or the file is cut off.</exception>
    public bool Read()
    {
        try
        {
            if (!_csv.Read()) return false;
        }
        catch (CsvFormatException fault)
        {
            throw new InvalidDataException($"{Name} row {_csv.RowNumber} is not CSV: {fault.Message}", fault);
        }
        if (_csv.RowFieldCount != _csv.FieldCount) throw Fault($"has {_csv.RowFieldCount} fields where {_csv.FieldCount} are named");
        return true;
    }

    /// <summary>The text of a field of the present row.</summary>
    public string Field(int ordinal) => _csv.GetString(ordinal);

    /// <summary>Whether a field of the present row has no text.</summary>
    public bool IsEmpty(int ordinal) => _csv.GetFieldSpan(ordinal).IsEmpty;

    /// <summary>A finite number of the present row.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public double Number(int ordinal)
    {
        var text = _csv.GetFieldSpan(ordinal);
        return double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value : throw Fault($"has '{text}' in column '{Columns[ordinal]}', which is not a number");
    }

    /// <summary>A whole number of the present row; a fraction of zero is passed over, as tables of floats write them.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public long Whole(int ordinal)
    {
        if (long.TryParse(_csv.GetFieldSpan(ordinal), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var whole)) return whole;
        var value = Number(ordinal);
        return value == Math.Floor(value) && Math.Abs(value) < 1L << 53 ? (long)value : throw Fault($"has '{Field(ordinal)}' in column '{Columns[ordinal]}', which is not a whole number");
    }

    /// <summary>What is wrong with the present row, as an exception that names file and row.</summary>
    public InvalidDataException Fault(string what) => new($"{Name} row {Row} {what}.");

    public void Dispose()
    {
        _csv.Dispose();
        _text.Dispose();
    }
}
