using System.CommandLine;
using Media.Evaluation;
using Media.Models.Text;
using Media.Recommendation;

namespace Media.Jobs;

/// <summary>The evaluation <c>recommendation</c>: which protocol, with which files; each protocol has a file of its own beside this one.</summary>
internal static class EvaluateRecommendation
{
    private static readonly Option<string?> Train = new("--train") { Description = "pairs, listed: CSV of user, item and, if known, strength (.csv or .csv.gz); the header may be missing." };
    private static readonly Option<string?> Test = new("--test")
    {
        Description = "pairs: CSV of user and item, each pair to be found. listed: user, item and the items to rank it among, separated by spaces; equal scores count as the mean over their orders.",
    };

    private static readonly Option<string?> Data = new("--data") { Description = "static, daily: interactions in Deskdrop's format (.csv or .csv.gz)." };
    private static readonly Option<string?> Articles = new("--articles")
    {
        Description = "What articles are about: CSV with a header, an article's id and its title, its category or both, such as Deskdrop's shared_articles.csv. Articles without interactions can then be ranked too.",
    };

    private static readonly Option<DateTimeOffset?> From = JobOptions.Date("--from", "static, daily: first day of the window that is judged.");
    private static readonly Option<DateTimeOffset?> To = JobOptions.Date("--to", "static, daily: the day after the window's last.");

    /// <summary>Named by the word after --protocol; in the order of the help.</summary>
    private static readonly (string Name, string Description, Func<ParseResult, TextWriter, CancellationToken, EvaluationLine> Evaluate)[] Protocols =
    [
        ("pairs", "unseen items ranked, top 10; checksum over user,item of all test rows, sorted as strings",
            (parsed, remarks, cancel) => RecommendationPairs.Evaluate(Needed(parsed, Train), Needed(parsed, Test), parsed.GetValue(Articles), remarks, cancel)),
        ("listed", "one item ranked among listed ones; checksum over user,item in the order of the test file",
            (parsed, remarks, cancel) => RecommendationListed.Evaluate(Needed(parsed, Train), Needed(parsed, Test), parsed.GetValue(Articles), remarks, cancel)),
        ("static", "each known reader's unread articles ranked once, as of --from; checksum over personId,contentId of all pairs, sorted as strings", InTime(TimeProtocol.Static)),
        ("daily", "the same as of each day's start, judged by that day; checksum over day,personId,contentId of all pairs, sorted as strings", InTime(TimeProtocol.Daily)),
    ];

    private static readonly Option<string> Protocol = new("--protocol")
    {
        Description = string.Join("; ", Protocols.Select(p => $"{p.Name}: {p.Description}")) + ".",
        Required = true,
    };

    static EvaluateRecommendation() => Protocol.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<string>() is { } given && Protocols.All(p => p.Name != given)) result.AddError($"--protocol takes one of {string.Join(", ", Protocols.Select(p => p.Name))}, not '{given}'.");
    });

    public static Command Command() => EvaluateVerb.Evaluation("recommendation",
        "Recommends items to readers. pairs, listed: chooses and blends popularity, item neighbours, EASE, ALS, NMF and, with --articles, likeness of content by interactions held out of the training file, judged beside popularity. static, daily: narrows to fresh articles and orders them by boosted trees, judged beside the order (newest, or popularity that forgets at one of seven speeds) that was best on earlier days.",
        [Protocol, Train, Test, Data, From, To, Articles],
        (parsed, remarks, cancel) => Protocols.First(p => p.Name == parsed.GetRequiredValue(Protocol)).Evaluate(parsed, remarks, cancel));

    private static Func<ParseResult, TextWriter, CancellationToken, EvaluationLine> InTime(TimeProtocol protocol) => (parsed, remarks, cancel) =>
        RecommendationByTime.Evaluate(protocol, Needed(parsed, Data), parsed.GetValue(Articles), Date(parsed, From), Date(parsed, To), remarks, cancel);

    private static DateTimeOffset Date(ParseResult parsed, Option<DateTimeOffset?> option) =>
        parsed.GetValue(option) ?? throw new JobException($"--protocol {parsed.GetValue(Protocol)} needs {option.Name}.");

    /// <summary>A file that the protocol cannot do without.</summary>
    public static T Needed<T>(ParseResult parsed, Option<T?> option) =>
        parsed.GetValue(option) ?? throw new JobException($"--protocol {parsed.GetValue(Protocol)} needs {option.Name}.");

    /// <summary>What the search tried and chose, a line a thing.</summary>
    public static void Remark(HybridResult result, TextWriter remarks)
    {
        foreach (var engine in result.Trials.GroupBy(t => t.Engine))
        {
            var best = engine.MaxBy(t => t.Measure)!;
            remarks.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{engine.Key}: {best.Measure:0.0000} on held-out interactions; {engine.Count()} tried{(best.Setting.Length > 0 ? $", best {best.Setting}" : "")}"));
        }
    }

    /// <summary>Of the first ten places of all lists together: the share of the items that stand in one, and how surprising those are, in bits.</summary>
    /// <param name="usersOf">Users of each item that lists are made of.</param>
    public static EvaluationLine AddBreadth(this EvaluationLine line, IReadOnlyList<IReadOnlyList<int>> lists, IReadOnlyList<int> usersOf, int users)
    {
        if (lists.All(list => list.Count == 0)) return line;
        return line.Add("coverage_at_10", RankingMetrics.Coverage(lists, usersOf.Count)).Add("novelty_at_10", RankingMetrics.Novelty(lists, usersOf, users));
    }

    /// <summary>Means over instances, intervals by user, under the metrics' names.</summary>
    public static EvaluationLine Metrics(IReadOnlyList<(string Name, double[] Values)> metrics, IReadOnlyList<string> users, CancellationToken cancel)
    {
        var line = new EvaluationLine();
        var options = new BootstrapOptions { Clusters = Clusters.Of(users) };
        foreach (var (name, values) in metrics) line.Add(name, Bootstrap.Of(new InstanceFigures(values), InstanceFigures.Mean, options, cancel));
        return line;
    }
}

/// <summary>Interactions with users and items numbered in the order of their first rows; articles that are told of but have no row come after them.</summary>
internal sealed class NumberedInteractions
{
    private readonly Dictionary<string, int> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _items = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">There is no row.</exception>
    /// <param name="articlesPath">What the items are about (<see cref="ArticleTexts"/>); null where that is not known.</param>
    public NumberedInteractions(string path, string? articlesPath, TextWriter remarks, CancellationToken cancel)
    {
        var rows = InteractionRows.Rated(path, remarks.WriteLine, cancel);
        if (rows.Count == 0) throw new InvalidDataException($"{Path.GetFileName(path)} has no rows to train on.");
        var triples = new Interaction[rows.Count];
        for (var row = 0; row < triples.Length; row++) triples[row] = new Interaction(Number(_users, rows[row].User), Number(_items, rows[row].Item), rows[row].Strength);
        if (articlesPath is not null)
        {
            var (terms, cells) = (new Dictionary<string, int>(StringComparer.Ordinal), new List<Interaction>());
            foreach (var (id, (title, category)) in ArticleTexts.Read(articlesPath, remarks, cancel))
                foreach (var term in ArticleTerms.Of(title, category)) cells.Add(new Interaction(Number(_items, id), Number(terms, term), 1));
            Terms = SparseMatrix.From(_items.Count, terms.Count, [.. cells]);
        }
        (Rows, Matrix) = (triples.Length, SparseMatrix.From(_users.Count, _items.Count, triples));
    }

    /// <summary>Rows of the file; repeated pairs are summed in the matrix.</summary>
    public int Rows { get; }

    public SparseMatrix Matrix { get; }

    /// <summary>Items × terms of what they are about; null where that is not known.</summary>
    public SparseMatrix? Terms { get; }

    /// <summary>The user's number, −1 for one who is not there.</summary>
    public int User(string id) => _users.GetValueOrDefault(id, -1);

    public int Item(string id) => _items.GetValueOrDefault(id, -1);

    private static int Number(Dictionary<string, int> numbers, string id)
    {
        if (!numbers.TryGetValue(id, out var number)) numbers.Add(id, number = numbers.Count);
        return number;
    }
}
