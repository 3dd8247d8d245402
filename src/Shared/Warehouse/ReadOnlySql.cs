using System.Collections.Frozen;

namespace Media.Warehouse;

/// <summary>What ad-hoc SQL may be: a question about the warehouse's own tables.</summary>
/// <remarks>
/// The engine's readonly = 1 refuses writes, DDL, settings and most table functions, but not the function file(), nor INTO OUTFILE, nor sqlite(), nor KILL:
/// for these the text is looked at, names apart from literals and comments. Pure, thread-safe.
/// </remarks>
internal static class ReadOnlySql
{
    private static readonly FrozenSet<string> Beginnings = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN");

    /// <summary>Table functions that make rows of nothing or look into the warehouse itself.</summary>
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "numbers", "numbers_mt", "zeros", "zeros_mt", "primes", "generateSeries", "generate_series", "generateRandom", "values", "null", "view", "merge", "format");

    /// <summary>Functions of rows that read files.</summary>
    private static readonly FrozenSet<string> FileFunctions = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "file", "catboostEvaluate");

    /// <summary>Why the SQL is refused, or null when it may run.</summary>
    /// <param name="tableFunctions">All that the engine has: table system.table_functions.</param>
    public static string? Refusal(string sql, IEnumerable<string> tableFunctions)
    {
        var words = Words(sql);
        if (words.FirstOrDefault(w => w.Text != "(") is not { Quoted: false } first || !Beginnings.Contains(first.Text))
            return $"Ad-hoc SQL only reads: it begins with {string.Join(", ", Beginnings.Order(StringComparer.Ordinal))}.";
        var reaching = tableFunctions.Where(f => !Harmless.Contains(f)).Concat(FileFunctions).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (word, next) in words.Zip(words.Skip(1)))
        {
            if (next.Text == "(" && !next.Quoted && reaching.Contains(word.Text)) return $"Ad-hoc SQL reads only the warehouse: '{word.Text}' would reach outside.";
            if (!word.Quoted && Is(word, "INTO") && Is(next, "OUTFILE")) return "Ad-hoc SQL writes no file: redirect the output of the command instead of INTO OUTFILE.";
        }
        return null;

        static bool Is(Word word, string text) => word.Text.Equals(text, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Names and opening parentheses, in order; quoted names without their quotes; literals and comments left out.</summary>
    private static List<Word> Words(string sql)
    {
        var words = new List<Word>();
        for (var i = 0; i < sql.Length;)
        {
            var at = sql[i];
            if (Starts(sql, i, "--") || at == '#') i = EndOf(sql, i, "\n");
            else if (Starts(sql, i, "/*")) i = EndOf(sql, i + 2, "*/");
            else if (at is '\'' or '"' or '`')
            {
                var end = Closing(sql, i);
                if (at != '\'') words.Add(new Word(sql[(i + 1)..Math.Max(i + 1, end - 1)], Quoted: true));
                i = end;
            }
            else if (char.IsLetter(at) || at == '_')
            {
                var start = i;
                while (i < sql.Length && (char.IsLetterOrDigit(sql[i]) || sql[i] == '_')) i++;
                words.Add(new Word(sql[start..i], Quoted: false));
            }
            else
            {
                if (at == '(') words.Add(new Word("(", Quoted: false));
                i++;
            }
        }
        return words;
    }

    private static bool Starts(string sql, int at, string with) => sql.AsSpan(at).StartsWith(with, StringComparison.Ordinal);

    private static int EndOf(string sql, int from, string mark) => sql.IndexOf(mark, from, StringComparison.Ordinal) is >= 0 and var found ? found + mark.Length : sql.Length;

    /// <summary>Behind the closing quote; a backslash or a doubled quote does not close.</summary>
    private static int Closing(string sql, int open)
    {
        for (var i = open + 1; i < sql.Length; i++)
        {
            if (sql[i] == '\\') i++;
            else if (sql[i] == sql[open])
            {
                if (i + 1 < sql.Length && sql[i + 1] == sql[open]) i++;
                else return i + 1;
            }
        }
        return sql.Length;
    }

    private sealed record Word(string Text, bool Quoted);
}
