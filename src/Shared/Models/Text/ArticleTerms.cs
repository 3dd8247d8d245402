namespace Media.Models.Text;

/// <summary>What an article is about, as terms: the words of its title in lower case, and its category.</summary>
/// <remarks>Pure, thread-safe.</remarks>
public static class ArticleTerms
{
    /// <summary>Each as often as it stands there; none where neither is known.</summary>
    /// <param name="title">null = unknown.</param>
    /// <param name="category">null = unknown; a term of its own, apart from the same word in a title.</param>
    public static IReadOnlyList<string> Of(string? title, string? category)
    {
        var terms = new List<string>();
        if (title is not null) terms.AddRange(Words.Of(Words.Plain(title)).Select(word => word.ToLowerInvariant()));
        if (category is not null) terms.Add($"category {category}");
        return terms;
    }
}
