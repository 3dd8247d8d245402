using Media.Events.Archives;

namespace Media.Tuning;

/// <summary>What a column of a table holds.</summary>
public enum TableColumnKind
{
    Number,
    /// <summary>ISO dates, with or without a time.</summary>
    Date,
    /// <summary>Words of which each stands in several rows.</summary>
    Category,
    /// <summary>Words that nearly all differ: only their length is looked at.</summary>
    Text,
    /// <summary>Missing in every row.</summary>
    Empty,
}

/// <summary>A first look at a training table, cell by cell: what each column holds, and which categories it knows.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class TableProfile
{
    // A stray word in a column of numbers is a missing number; more than these are a column of words.
    private const double NumberShare = 0.95;
    private const double TextShare = 0.5;
    private const int FewestTexts = 50;

    // Words beyond these are counted as one.
    private const int MostWords = 500_000;

    private readonly Column[] _columns;

    /// <param name="columns">The features' names.</param>
    public TableProfile(IReadOnlyList<string> columns)
    {
        Names = columns;
        _columns = [.. columns.Select(_ => new Column())];
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Takes in one cell.</summary>
    /// <param name="column">By position among the names.</param>
    public void Add(int column, ReadOnlySpan<char> text) => _columns[column].Add(text);

    /// <summary>How every column is read, from what was seen.</summary>
    public TableEncoding Encoding() => new(Names, [.. _columns.Select(c => c.Reading())]);

    private sealed class Column
    {
        private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);
        private long _rows;
        private long _missing;
        private long _numbers;
        private long _dates;

        public void Add(ReadOnlySpan<char> text)
        {
            _rows++;
            if (ArchiveCsv.SaysNothing(text))
            {
                _missing++;
                return;
            }
            if (TableCell.TryNumber(text, out _))
            {
                _numbers++;
                // As long as the column is nearly all numbers, its words need not be kept.
                if (_numbers > 1000 && _numbers > NumberShare * (_rows - _missing)) return;
            }
            else if (TableCell.TryDays(text, out _)) _dates++;
            var words = _words.GetAlternateLookup<ReadOnlySpan<char>>();
            text = text.Trim();
            if (words.TryGetValue(text, out var count)) words[text] = count + 1;
            else if (_words.Count < MostWords) words[text] = 1;
        }

        public TableEncoding.Column Reading()
        {
            var known = _rows - _missing;
            if (known == 0) return new(TableColumnKind.Empty, []);
            if (_numbers >= NumberShare * known) return new(TableColumnKind.Number, []);
            if (_dates >= NumberShare * known) return new(TableColumnKind.Date, []);
            if (_words.Count >= FewestTexts && _words.Count > TextShare * known) return new(TableColumnKind.Text, []);
            // The most frequent word is code 0; an absence that was seen is a word like any other.
            List<string> ordered = [.. _words.OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal).Select(w => w.Key)];
            if (_missing > 0) ordered.Add("");
            return new(TableColumnKind.Category, ordered);
        }
    }
}
