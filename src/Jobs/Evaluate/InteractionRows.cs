using System.Globalization;
using Media.Events.Archives;

namespace Media.Jobs;

/// <summary>A CSV of interactions: user, item and a third field, with or without a header.</summary>
/// <remarks>
/// The first row is a header if its fields name columns, or if its third should be a number and is none. With a header the columns are found by name (user, user_id, personId …; item,
/// item_id, movieId …; strength, rating, count …), else, and where a name is not known, by place. Further columns are passed over.
/// </remarks>
internal static class InteractionRows
{
    private static readonly string[] UserNames = ["user", "userid", "uid", "person", "personid", "reader", "readerid", "customer", "customerid", "visitor", "visitorid"];
    internal static readonly string[] ItemNames = ["item", "itemid", "iid", "content", "contentid", "article", "articleid", "movie", "movieid", "product", "productid", "artist", "artistid", "game", "gameid", "book", "bookid", "track", "trackid"];
    private static readonly string[] StrengthNames = ["strength", "rating", "score", "weight", "value", "count", "plays", "playcount", "hours", "interactions", "eventstrength"];
    private static readonly string[] ListNames = ["negatives", "negative", "negativeitems", "candidates", "others", "list"];

    /// <summary>Rows with a strength; 1 where the file has no third column.</summary>
    /// <param name="tell">Told of rows that are left out.</param>
    /// <exception cref="InvalidDataException">Not CSV, fewer than two columns, or too many rows with an empty id or a strength that is no number.</exception>
    public static List<(string User, string Item, float Strength)> Rated(string path, Action<string> tell, CancellationToken cancel)
    {
        var rows = new List<(string, string, float)>();
        Read(path, 2, StrengthNames, third => !IsNumber(third), (csv, user, item, third) =>
        {
            if (third is null) rows.Add((user, item, 1));
            else if (IsNumber(third)) rows.Add((user, item, float.Parse(third, CultureInfo.InvariantCulture)));
            else throw csv.Fault($"has the strength '{third}', which is not a number");
        }, tell, cancel);
        return rows;
    }

    /// <summary>Rows with a list of items, separated by spaces.</summary>
    /// <param name="tell">Told of rows that are left out.</param>
    /// <exception cref="InvalidDataException">Not CSV, fewer than three columns, or too many rows with an empty id or list.</exception>
    public static List<(string User, string Item, string[] Others)> Listed(string path, Action<string> tell, CancellationToken cancel)
    {
        var rows = new List<(string, string, string[])>();
        Read(path, 3, ListNames, _ => false, (csv, user, item, third) =>
        {
            string[] others = [.. third!.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).Where(other => other != item)];
            if (others.Length == 0) throw csv.Fault($"lists no item to rank '{item}' among");
            rows.Add((user, item, others));
        }, tell, cancel);
        return rows;
    }

    private static void Read(string path, int needed, string[] thirdNames, Func<string, bool> thirdIsName, Action<ArchiveCsv, string, string, string?> row, Action<string> tell, CancellationToken cancel)
    {
        using var csv = ArchiveCsv.OpenUnnamed(path);
        if (csv.Columns.Count < needed)
            throw new InvalidDataException($"{csv.Name} has {csv.Columns.Count} column{(csv.Columns.Count == 1 ? "" : "s")}; expected {(needed == 3 ? "user, item and a list of items" : "user, item and, if known, strength")}.");
        var (user, item, third) = (0, 1, csv.Columns.Count > 2 ? 2 : -1);
        var first = true;
        csv.ReadAll(() =>
        {
            if (first)
            {
                first = false;
                string[] names = [.. csv.Columns.Select((_, c) => Plain(csv.Field(c)))];
                if (names.Any(UserNames.Contains) && names.Any(ItemNames.Contains) || UserNames.Contains(names[0]) || ItemNames.Contains(names[1]) || third >= 0 && (thirdNames.Contains(names[2]) || thirdIsName(csv.Field(2))))
                {
                    (user, item) = (Place(names, UserNames, 0), Place(names, ItemNames, 1));
                    if (third >= 0) third = Place(names, thirdNames, 2);
                    if (user == item || user == third || item == third) throw new InvalidDataException($"{csv.Name} has a header that does not tell user, item and the third column apart: {string.Join(", ", names)}.");
                    return;
                }
            }
            if (csv.Field(user).Length == 0 || csv.Field(item).Length == 0) throw csv.Fault("has no user or no item");
            row(csv, csv.Field(user), csv.Field(item), third < 0 ? null : csv.Field(third));
        }, tell, cancel);
    }

    private static int Place(string[] names, string[] known, int otherwise) => Array.FindIndex(names, known.Contains) is >= 0 and var at ? at : otherwise;

    /// <summary>A column's name without case and punctuation.</summary>
    internal static string Plain(string name) => string.Concat(name.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit));

    private static bool IsNumber(string text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value);
}
