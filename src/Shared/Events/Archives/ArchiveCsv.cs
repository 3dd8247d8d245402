using System.Globalization;
using Sylvan.Data.Csv;

namespace Media.Events.Archives;

/// <summary>A CSV file read row by row, its columns by name: what every archive and every table of a user's own comes through.</summary>
/// <remarks>
/// Comma-separated, the first row names the columns, quotes may hold commas and line ends (RFC 4180). Gzipped when the name ends in .gz; a cut-off file is an error.
/// Spaces around column names are dropped; of two columns with one name neither can be asked for. Lines without any text are no rows. Not thread-safe; disposes the file.
/// </remarks>
public sealed class ArchiveCsv : IDisposable
{
    /// <summary>Of the rows, beyond a first one, how many may be unreadable before the file is taken for damaged or for another thing altogether.</summary>
    private const double MostUnreadable = 0.01;

    private static readonly string[] Absences = ["", "?", "-", ".", "na", "n/a", "#n/a", "nan", "null", "none"];

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
            // −1: the name is not of one column.
            if (!_ordinals.TryAdd(column, i)) _ordinals[column] = -1;
        }
        Columns = columns;
    }

    /// <summary>The file's name, for messages.</summary>
    public string Name { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The present row, from 1, the one with the columns' names not counted.</summary>
    public int Row { get; private set; }

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
            var csv = new ArchiveCsv(text, CsvDataReader.Create(text, new CsvDataReaderOptions { Delimiter = ',', HasHeaders = named, CsvStyle = CsvStyle.Lax, BufferSize = 256 * 1024, MaxBufferSize = 16 * 1024 * 1024, OwnsReader = false }), name, named);
            var missing = required.Where(c => !csv._ordinals.ContainsKey(c)).ToList();
            if (missing.Count > 0) throw new InvalidDataException($"{name} has no column{(missing.Count > 1 ? "s" : "")} {string.Join(", ", missing.Select(c => $"'{c}'"))}; it has {string.Join(", ", csv.Columns.Take(20))}.");
            foreach (var column in required) csv.Ordinal(column);
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
    /// <exception cref="InvalidDataException">No such column, or two of them.</exception>
    public int Ordinal(string column) => _ordinals.TryGetValue(column, out var at)
        ? at >= 0 ? at : throw new InvalidDataException($"{Name} has the column '{column}' twice.")
        : throw new InvalidDataException($"{Name} has no column '{column}'; it has {string.Join(", ", Columns.Take(20))}.");

    /// <summary>Where a column stands that need not be there; null when it is not.</summary>
    /// <exception cref="InvalidDataException">It is there twice.</exception>
    public int? OrdinalIfAny(string column) => _ordinals.ContainsKey(column) ? Ordinal(column) : null;

    /// <summary>Moves to the next row; false at the end.</summary>
    /// <exception cref="UnreadableRowException">The row has another number of fields, or a quote that its line does not close; the next may be read.</exception>
    /// <exception cref="InvalidDataException">What follows is no CSV, or the file is cut off.</exception>
    public bool Read()
    {
        do
        {
            try
            {
                if (!_csv.Read()) return false;
            }
            catch (CsvFormatException fault)
            {
                throw new InvalidDataException($"{Name} row {Row + 1} is not CSV: {fault.Message}", fault);
            }
        }
        while (_csv.RowFieldCount == 1 && _csv.FieldCount > 1 && _csv.GetFieldSpan(0).IsEmpty);
        Row++;
        // A quote left open takes in the lines up to the next quote, wherever that stands.
        if (LinesOfRow() > 1 && (_csv.GetRawRecordSpan().Count('"') & 1) == 1) throw Fault("has a quote that is never closed");
        if (_csv.RowFieldCount != _csv.FieldCount) throw Fault($"has {_csv.RowFieldCount} fields where {_csv.FieldCount} are named");
        return true;
    }

    /// <summary>Goes through all rows; those that cannot be read are left out and told of.</summary>
    /// <param name="row">Reads the present row by the methods below; must keep nothing of one that it finds fault with.</param>
    /// <param name="tell">Told in one sentence how many rows are left out and what is wrong with the first; not called when there is none.</param>
    /// <exception cref="InvalidDataException">More than one row in a hundred cannot be read (one alone may always), or none can, or what follows is no CSV.</exception>
    public void ReadAll(Action row, Action<string> tell, CancellationToken cancel)
    {
        var (good, lost) = (0L, 0L);
        UnreadableRowException? first = null;
        for (var more = true; more;)
        {
            if ((Row & 4095) == 0) cancel.ThrowIfCancellationRequested();
            try
            {
                more = Read();
                if (!more) break;
                row();
                good++;
            }
            catch (UnreadableRowException fault)
            {
                lost += LinesOfRow();
                first ??= fault;
            }
        }
        if (first is null) return;
        if (good == 0 || lost > Math.Max(1, MostUnreadable * (good + lost)))
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"{first.Message} {lost:N0} of {good + lost:N0} rows cannot be read, more than one in a hundred."), first);
        tell(string.Create(CultureInfo.InvariantCulture, $"{lost:N0} of {good + lost:N0} rows cannot be read and are left out; the first: {first.Message}"));
    }

    /// <summary>The text of a field of the present row.</summary>
    public string Field(int ordinal) => _csv.GetString(ordinal);

    /// <summary>The same without spaces around it; valid until the next row.</summary>
    public ReadOnlySpan<char> Text(int ordinal) => _csv.GetFieldSpan(ordinal).Trim();

    /// <summary>Whether a field of the present row says that there is nothing: <see cref="SaysNothing"/>.</summary>
    public bool IsMissing(int ordinal) => SaysNothing(_csv.GetFieldSpan(ordinal));

    /// <summary>Whether a text stands for nothing: empty, ?, -, ., NA, N/A, #N/A, NaN, null or None, in any case.</summary>
    public static bool SaysNothing(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length > 4) return false;
        foreach (var word in Absences)
            if (text.Equals(word, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>A finite number of the present row.</summary>
    /// <exception cref="UnreadableRowException">It is none.</exception>
    public double Number(int ordinal) =>
        TryNumber(ordinal, out var value) ? value : throw Fault($"has '{Field(ordinal)}' in column '{Columns[ordinal]}', which is not a number");

    /// <summary>A finite number of the present row, if it is one.</summary>
    public bool TryNumber(int ordinal, out double value) => double.TryParse(_csv.GetFieldSpan(ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    /// <summary>A whole number of the present row; a fraction of zero is passed over, as tables of floats write them.</summary>
    /// <exception cref="UnreadableRowException">It is none.</exception>
    public long Whole(int ordinal)
    {
        if (long.TryParse(_csv.GetFieldSpan(ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return whole;
        var value = Number(ordinal);
        return value == Math.Floor(value) && Math.Abs(value) < 1L << 53 ? (long)value : throw Fault($"has '{Field(ordinal)}' in column '{Columns[ordinal]}', which is not a whole number");
    }

    /// <summary>What is wrong with the present row, as an exception that names file and row.</summary>
    public UnreadableRowException Fault(string what) => new($"{Name} row {Row} {what}.");

    /// <summary>Lines of text that the present row takes.</summary>
    private int LinesOfRow() => 1 + _csv.GetRawRecordSpan().TrimEnd("\r\n").Count('\n');

    public void Dispose()
    {
        _csv.Dispose();
        _text.Dispose();
    }
}
