using Media.Events.Archives;

namespace Media.Jobs;

/// <summary>What articles are about: a CSV with a header that has an article's id (contentId, item, article_id …) and its title, its category or both; further columns are passed over.</summary>
/// <remarks>Deskdrop's shared_articles.csv is one. Of rows with the same id the last counts.</remarks>
internal static class ArticleTexts
{
    private static readonly string[] TitleNames = ["title", "headline", "name", "itemtitle", "articletitle"];
    private static readonly string[] CategoryNames = ["category", "categories", "section", "topic", "genre", "genres", "channel"];

    /// <param name="remarks">Told of rows that cannot be read.</param>
    /// <exception cref="InvalidDataException">Not CSV, many rows without an id, or no column for the id or for the texts.</exception>
    public static IReadOnlyDictionary<string, (string? Title, string? Category)> Read(string path, TextWriter remarks, CancellationToken cancel)
    {
        using var csv = ArchiveCsv.Open(path);
        string[] names = [.. csv.Columns.Select(InteractionRows.Plain)];
        var (id, title, category) = (Array.FindIndex(names, InteractionRows.ItemNames.Contains), Array.FindIndex(names, TitleNames.Contains), Array.FindIndex(names, CategoryNames.Contains));
        if (id < 0 || title < 0 && category < 0) throw new InvalidDataException($"{csv.Name} has the columns {string.Join(", ", csv.Columns.Take(20))}; expected an article's id and its title or category.");
        var texts = new Dictionary<string, (string?, string?)>(StringComparer.Ordinal);
        csv.ReadAll(() =>
        {
            if (csv.IsMissing(id)) throw csv.Fault("has no id");
            texts[csv.Field(id)] = (Text(title), Text(category));
        }, remarks.WriteLine, cancel);
        return texts;

        string? Text(int column) => column < 0 || csv.IsMissing(column) ? null : csv.Field(column);
    }
}
