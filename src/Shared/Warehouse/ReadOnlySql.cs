using System.Collections.Frozen;

namespace Media.Warehouse;

/// <summary>What ad-hoc SQL may be: a question about the warehouse's own tables.</summary>
/// <remarks>
/// The engine's readonly = 1 refuses writes, DDL, settings and most table functions, but not the function file(), nor INTO OUTFILE, nor sqlite(), nor KILL, nor names
/// in the embedded engine's database 'default', which stand for files: for these the text is looked at, names apart from literals and comments. What this reading of
/// the text does not know for certain (heredocs, escapes in names, the typographic quotes and dashes that ClickHouse's lexer takes too) is refused: two readers must
/// not see two different statements. Pure, thread-safe.
/// </remarks>
/// <seealso href="https://github.com/ClickHouse/ClickHouse/blob/master/src/Parsers/Lexer.cpp">ClickHouse, Lexer</seealso>
internal static class ReadOnlySql
{
    private static readonly FrozenSet<string> Beginnings = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN");

    /// <summary>Table functions that make rows of nothing or look into the warehouse itself.</summary>
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "numbers", "numbers_mt", "zeros", "zeros_mt", "primes", "generateSeries", "generate_series", "generateRandom", "values", "null", "view", "merge", "format");

    /// <summary>Functions of rows that read files.</summary>
    private static readonly FrozenSet<string> FileFunctions = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "file", "catboostEvaluate");

    /// <summary>Each name in this database of the embedded engine is taken for a file's.</summary>
    private const string FileDatabase = "default";

    /// <summary>Why the SQL is refused, or null when it may run.</summary>
    /// <param name="tableFunctions">All that the engine has: table system.table_functions.</param>
    /// <param name="formats">Likewise: table system.formats.</param>
    public static string? Refusal(string sql, IEnumerable<string> tableFunctions, IEnumerable<string> formats)
    {
        if (Words(sql, out var unknown) is not { } words)
            return unknown is { } character
                ? $"Ad-hoc SQL holds the character '{character}' outside of quotes, which is not taken here: write text between ' and '."
                : "Ad-hoc SQL ends inside a quote or a comment.";
        if (words.FirstOrDefault(w => w.Text != "(") is not { Quoted: false } first || !Beginnings.Contains(first.Text))
            return $"Ad-hoc SQL only reads: it begins with {string.Join(", ", Beginnings.Order(StringComparer.Ordinal))}.";
        // The answer comes in the client's own format; in another it would be taken for what it is not.
        var known = formats.ToHashSet(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i + 1 < words.Count; i++)
            if (!words[i].Quoted && Is(words[i], "FORMAT") && !words[i + 1].Quoted && known.Contains(words[i + 1].Text) && (i + 2 == words.Count || Is(words[i + 2], "SETTINGS")))
                return $"Ad-hoc SQL names no format: leave out '{words[i].Text} {words[i + 1].Text}', the answer is printed as a table.";
        if (words.FirstOrDefault(w => w.Text.Contains('\\', StringComparison.Ordinal)) is { Text: var escaped }) return $"Ad-hoc SQL writes names without escapes: '{escaped}' has one.";
        if (words.Any(w => Is(w, FileDatabase))) return $"Ad-hoc SQL reads only the warehouse: names in '{FileDatabase}' are files.";
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
    /// <param name="unknown">The character outside of quotes that is not taken, if that is why there is no answer.</param>
    /// <returns>Null when the text cannot be taken apart for certain.</returns>
    private static List<Word>? Words(string sql, out char? unknown)
    {
        unknown = null;
        var words = new List<Word>();
        for (var i = 0; i < sql.Length;)
        {
            var at = sql[i];
            if (Starts(sql, i, "--")) i = EndOf(sql, i, "\n") ?? sql.Length;
            else if (Starts(sql, i, "/*"))
            {
                if (EndOf(sql, i + 2, "*/") is not { } end) return null;
                i = end;
            }
            else if (at is '\'' or '"' or '`')
            {
                if (Closing(sql, i) is not { } end) return null;
                if (at != '\'') words.Add(new Word(sql[(i + 1)..(end - 1)], Quoted: true));
                i = end;
            }
            else if (char.IsAsciiLetter(at) || at == '_')
            {
                var start = i;
                while (i < sql.Length && (char.IsAsciiLetterOrDigit(sql[i]) || sql[i] == '_')) i++;
                words.Add(new Word(sql[start..i], Quoted: false));
            }
            else if (char.IsAsciiDigit(at) || Marks.Contains(at))
            {
                if (at == '(') words.Add(new Word("(", Quoted: false));
                i++;
            }
            else
            {
                unknown = at;
                return null;
            }
        }
        return words;
    }

    /// <summary>What may stand between names, numbers and quotes.</summary>
    private const string Marks = " \t\r\n()[]{},.;:+-*/%=<>!?|@^";

    private static bool Starts(string sql, int at, string with) => sql.AsSpan(at).StartsWith(with, StringComparison.Ordinal);

    private static int? EndOf(string sql, int from, string mark) => sql.IndexOf(mark, from, StringComparison.Ordinal) is >= 0 and var found ? found + mark.Length : null;

    /// <summary>Behind the closing quote, null when there is none; a backslash or a doubled quote does not close.</summary>
    private static int? Closing(string sql, int open)
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
        return null;
    }

    private sealed record Word(string Text, bool Quoted);
}
