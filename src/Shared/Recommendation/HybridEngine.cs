using System.Globalization;

namespace Media.Recommendation;

/// <summary>One hyperparameter as the search turns it.</summary>
/// <param name="Step">What one step multiplies by, or adds if <paramref name="Adds"/>.</param>
/// <param name="Whole">Whether only whole numbers make sense.</param>
internal sealed record Dial(string Name, double Start, double Step, double Min, double Max, bool Adds = false, bool Whole = false);

/// <summary>Where an engine's dials stand, and what it sees of the strengths.</summary>
internal sealed record HybridSetting(StrengthScale Scale, double[] Dials);

/// <summary>An engine as the search knows it: its dials, its cost in multiply-adds, how it is fitted.</summary>
internal sealed class HybridEngine
{
    /// <summary>Items among which EASE is searched: its penalty depends on the strengths, not on how many items there are, and the cost on their third power.</summary>
    private const int EaseItemsSearched = 3_000;

    /// <summary>What costs as much as so many multiply-adds of a long vector: one of the inverse's kernel, a scattered addition, a cell of a dense row looked at.</summary>
    private const double KernelCost = 0.15, ScatterCost = 1.5, LookCost = 4;

    private readonly Func<SparseMatrix, double[], bool, CancellationToken, IRecommender> _fit;
    private readonly Func<double[], double> _cost;

    private HybridEngine(string name, double share, Dial[] dials, Func<double[], double> cost, Func<SparseMatrix, double[], bool, CancellationToken, IRecommender> fit) =>
        (Name, Share, Dials, _cost, _fit) = (name, share, dials, cost, fit);

    public string Name { get; }

    /// <summary>Of the search's effort.</summary>
    public double Share { get; }

    public IReadOnlyList<Dial> Dials { get; }

    public static IReadOnlyList<HybridEngine> All(SparseMatrix train, SparseMatrix? content, HybridOptions options)
    {
        double pairs = 0;
        for (var user = 0; user < train.Rows; user++) pairs += (double)train.Row(user).Count * train.Row(user).Count;
        double items = train.Columns, rows = train.Rows + train.Columns;
        var (threads, seed) = (options.Threads, options.Seed);
        List<HybridEngine> engines =
        [
            new HybridEngine("ease", 0.2, [new Dial("l2", 200, 3, 1, 1e6)],
                _ => KernelCost * Math.Pow(Math.Min(items, EaseItemsSearched), 3) / 2 + ScatterCost * pairs / 2,
                (x, d, fully, cancel) => Ease.Fit(x, new EaseOptions { L2 = d[0], MaxItems = fully ? options.MaxEaseItems : Math.Min(EaseItemsSearched, options.MaxEaseItems), Threads = threads }, cancel)),
            new HybridEngine("als", 0.5, [new Dial("l2", 0.01, 2.5, 1e-5, 10), new Dial("unobserved", 0.1, 3, 1e-4, 10), new Dial("factors", 64, 2, 8, 256, Whole: true)],
                d => 10 * 4 * (4 * train.Count * d[2] + rows * d[2] * d[2]),
                (x, d, fully, cancel) => ImplicitAls.Fit(x, new ImplicitAlsOptions { L2 = d[0], UnobservedWeight = d[1], Factors = (int)d[2], Rounds = fully ? 16 : 10, Seed = seed, Threads = threads }, cancel)),
            new HybridEngine("neighbours", 0.2,
                [
                    new Dial("item_exponent", 0.5, 0.2, 0, 1, Adds: true), new Dial("history_exponent", 0.5, 0.2, 0, 1, Adds: true), new Dial("user_exponent", 0.4, 0.2, 0, 1, Adds: true),
                    new Dial("shrinkage", 5, 4, 0.1, 1e4), new Dial("neighbours", 200, 3, 10, 3000, Whole: true),
                ],
                _ => ScatterCost * pairs + LookCost * items * items,
                (x, d, _, cancel) => ItemNeighbours.Fit(x, new ItemNeighboursOptions { ItemExponent = d[0], HistoryExponent = d[1], UserExponent = d[2], Shrinkage = d[3], Neighbours = (int)d[4], Threads = threads }, cancel)),
            new HybridEngine("nmf", 0.1, [new Dial("factors", 32, 2, 4, 128, Whole: true), new Dial("l2", 0.5, 4, 0.01, 100)],
                d => 30 * (2 * train.Count * d[0] + rows * d[0] * d[0]),
                (x, d, fully, cancel) => Nmf.Fit(x, new NmfOptions { Factors = (int)d[0], L2 = d[1], Rounds = fully ? 60 : 30, Seed = seed, Threads = threads }, cancel)),
        ];
        if (content is not null) engines.Add(new HybridEngine("content", 0.1, [], _ => ScatterCost * content.Count, (_, _, _, _) => ContentSimilarity.Fit(content)));
        return engines;
    }

    public HybridSetting Start(StrengthScale scale) => new(scale, [.. Dials.Select(d => d.Start)]);

    /// <summary>The dials with one of them turned by so many steps.</summary>
    public double[] Turned(double[] dials, int dial, double steps)
    {
        var turned = (double[])dials.Clone();
        var by = Dials[dial];
        var value = Math.Clamp(by.Adds ? dials[dial] + steps * by.Step : dials[dial] * Math.Pow(by.Step, steps), by.Min, by.Max);
        turned[dial] = by.Whole ? Math.Round(value) : value;
        return turned;
    }

    public double Cost(HybridSetting setting) => _cost(setting.Dials);

    public string Describe(HybridSetting setting) =>
        string.Join(", ", Dials.Select((d, i) => string.Create(CultureInfo.InvariantCulture, $"{d.Name} {setting.Dials[i]:0.#####}")).Append($"{setting.Scale.Kind}".ToLowerInvariant()));

    public IRecommender FitForSearch(SparseMatrix train, HybridSetting setting, CancellationToken cancel) => _fit(train.Map(setting.Scale.Apply), setting.Dials, false, cancel);

    public IRecommender FitFully(SparseMatrix train, HybridSetting setting, CancellationToken cancel) => _fit(train.Map(setting.Scale.Apply), setting.Dials, true, cancel);
}
