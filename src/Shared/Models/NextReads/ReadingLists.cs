using System.ComponentModel.DataAnnotations;
using System.Runtime.InteropServices;
using Media.Features;

namespace Media.Models.NextReads;

/// <summary>How a reader's list is made of scores.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record ReadingListOptions
{
    /// <summary>Articles in a list. Default 10, range 1 – 100.</summary>
    [Range(1, 100)]
    public int Places { get; init; } = 10;

    /// <summary>
    /// How much a place counts an article's unlikeness to those above it rather than its own score: 0 orders by score alone, 1 by unlikeness alone. Default 0, range 0 – 1.
    /// </summary>
    [Range(0.0, 1.0)]
    public double Diversity { get; init; }

    /// <summary>What a list is chosen from.</summary>
    public ListedArticles Listed { get; init; } = new();
}

/// <summary>An article for a reader.</summary>
/// <param name="Score">Probability that the reader turns to it on the next day if to any, 0 – 1.</param>
/// <param name="BecauseOf">The article of the reader's own that speaks most for it: most readers in common, or else the one whose title and category are most alike; null when none does, as for a new reader.</param>
public sealed record RecommendedArticle(string ArticleId, double Score, string? BecauseOf);

/// <summary>Lists of recommended articles as of one instant: what <see cref="RecommendationEstimator"/>'s model is used for.</summary>
/// <remarks>
/// A list holds articles of the brand that the reader has read most, none that the reader has turned to before. A reader whom nobody knows gets what suits a new one, out of all brands.
/// Made more diverse by maximal marginal relevance; articles are alike by category or title and by readers in common. Not thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1145/290941.291025">Carbonell &amp; Goldstein 1998, The use of MMR</seealso>
public sealed class ReadingLists
{
    private const int ReadingsLookedAt = 50;

    private readonly ArticleLog _log;
    private readonly IModel _model;
    private readonly ReadingListOptions _options;
    private readonly CandidateBuilder _builder;
    private readonly Dictionary<int, HashSet<int>> _readersOf = [];

    /// <param name="log">Nothing in it from the instant on is looked at.</param>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC.</param>
    /// <param name="model">Reads <see cref="RecommendationEstimator.Features"/>; one output a row.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the model has several outputs.</exception>
    public ReadingLists(ArticleLog log, long asOfMicros, IModel model, ReadingListOptions options)
    {
        Options.Check(options);
        if (model.Outputs != 1) throw new ArgumentException($"The model has {model.Outputs} outputs a row; one score orders a list.");
        (_log, _model, _options) = (log.Before(asOfMicros), model, options);
        _builder = new CandidateBuilder(new ReadingState(_log), options.Listed.ArticlesPerOrder);
        _builder.State.AdvanceTo(asOfMicros);
    }

    private ReadingState State => _builder.State;

    /// <summary>The reader's list, best first; empty when nothing fresh is unread.</summary>
    public IReadOnlyList<RecommendedArticle> Of(string userId, CancellationToken cancel)
    {
        var reader = _log.ReaderOf(userId);
        var read = reader < 0 ? [] : State.Readers[reader]?.Articles ?? [];
        var offers = _builder.Build(reader, read.Count == 0 ? IsFresh : _options.Listed.Among(State, HomeBrand(read)), cancel);
        var rows = new CandidateRows();
        rows.Add(State, userId, offers);
        var scores = new double[offers.Articles.Length];
        _model.Predict(rows.ToBatch(), scores);
        return [.. Chosen(offers.Articles, scores).Select(row => new RecommendedArticle(_log.Articles[offers.Articles[row]].ArticleId, scores[row], BecauseOf(offers.Articles[row], read)))];
    }

    private bool IsFresh(int article) => _options.Listed.Among(State, _log.Articles[article].Brand)(article);

    private string? HomeBrand(List<Reading> read) =>
        read.GroupBy(r => _log.Articles[r.Of].Brand).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).First().Key;

    /// <summary>Rows in the order of the list; of equal ones the smaller article id first.</summary>
    private List<int> Chosen(int[] articles, double[] scores)
    {
        var left = Enumerable.Range(0, articles.Length).OrderByDescending(row => scores[row]).ThenBy(row => _log.Articles[articles[row]].ArticleId, StringComparer.Ordinal).ToList();
        if (_options.Diversity == 0 || left.Count == 0) return [.. left.Take(_options.Places)];
        var best = Math.Max(scores.Max(), double.Epsilon);
        var likeness = new double[articles.Length];
        var chosen = new List<int>();
        while (chosen.Count < _options.Places && left.Count > 0)
        {
            var next = left.MaxBy(row => (1 - _options.Diversity) * scores[row] / best - _options.Diversity * likeness[row]);
            chosen.Add(next);
            left.Remove(next);
            foreach (var row in left) likeness[row] = Math.Max(likeness[row], Likeness(articles[next], articles[row]));
        }
        return chosen;
    }

    /// <summary>In [0, 1]: half for the same category of the same brand, or else for what both are about; half by readers in common.</summary>
    private double Likeness(int one, int other) => 0.5 * (SameCategory(one, other) ? 1 : _builder.Content.Likeness(one, other)) + 0.5 * ReadersInCommon(one, other);

    private bool SameCategory(int one, int other) =>
        _log.Articles[one] is { Category: { } category } known && category == _log.Articles[other].Category && known.Brand == _log.Articles[other].Brand;

    /// <summary>Cosine of the two articles' readers.</summary>
    private double ReadersInCommon(int one, int other)
    {
        var (a, b) = (ReadersOf(one), ReadersOf(other));
        if (a.Count > b.Count) (a, b) = (b, a);
        var common = 0;
        foreach (var reader in a)
            if (b.Contains(reader)) common++;
        return common == 0 ? 0 : common / Math.Sqrt((double)a.Count * b.Count);
    }

    private HashSet<int> ReadersOf(int article)
    {
        ref var readers = ref CollectionsMarshal.GetValueRefOrAddDefault(_readersOf, article, out var known);
        return known ? readers! : readers = [.. State.Articles[article]!.Readers.Select(r => r.Of)];
    }

    private string? BecauseOf(int article, List<Reading> read)
    {
        var why = MostAlike(ReadersInCommon);
        if (why < 0) why = MostAlike(_builder.Content.Likeness);
        return why < 0 ? null : _log.Articles[why].ArticleId;

        // Of equal ones the latest; −1 where none is alike at all.
        int MostAlike(Func<int, int, double> likeness)
        {
            var (found, most) = (-1, 0.0);
            for (var r = read.Count - 1; r >= Math.Max(0, read.Count - ReadingsLookedAt); r--)
            {
                var alike = likeness(article, read[r].Of);
                if (alike > most) (found, most) = (read[r].Of, alike);
            }
            return found;
        }
    }
}
