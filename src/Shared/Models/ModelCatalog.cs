using Media.Features;

namespace Media.Models;

// Models: what the features of before say about what comes after.
//   ILabelledEstimator says who is a row and what came of it → LabelledRows (features from before an instant, labels from after it)
//   → an estimator's Fit. Nine models are lines with LightGBM's trees on them: BoostedModel answers yes or no (churn, conversion, click, recommendation), BoostedAmountModel an
//     amount (engagement, article_performance, trending, headline), AdRevenueModel is one of each; IBoosted names their parts, for a search and for ILearnsOn. SegmentationModel is KMeans
//   → an IModel that scores and saves itself, with IExplains for why → ModelCard, the sheet that the registry keeps beside its bytes.
//   NextReads/ lists articles for a reader, Text/ reads headlines, Baselines/ holds the plain ways to beat, LightGbm/ the native library and the walk of its trees. ModelCatalog finds them all.

/// <summary>Every model by name: a new one is a new file with a parameterless estimator, and stands here by itself.</summary>
/// <remarks>Found once, by reflection over this library; in ordinal order of name. Thread-safe.</remarks>
public static class ModelCatalog
{
    private static readonly SortedDictionary<string, IEstimator> Found = Find();

    /// <summary>The models, without the baselines, with default hyperparameters.</summary>
    public static IReadOnlyDictionary<string, IEstimator> All { get; } = Where(e => e is not IBaseline);

    /// <summary>The plain ways that models are measured against, with default hyperparameters.</summary>
    public static IReadOnlyList<IBaseline> Baselines { get; } = [.. Found.Values.OfType<IBaseline>()];

    /// <summary>The baselines that answer an estimator's question from its own columns.</summary>
    public static IReadOnlyList<IBaseline> BaselinesOf(ILabelledEstimator estimator) =>
        [.. Baselines.Where(b => b.Kind == estimator.Kind).Select(b => b is SingleFeatureEstimator single ? single with { Feature = estimator.RuleOfThumb } : b)
            .Where(b => b is not SingleFeatureEstimator single || estimator.Features.Contains(single.Feature, StringComparer.Ordinal)).Select(b => b.Over(estimator.Features))];

    /// <summary>Whether a model is asked of a reader by the 59 features alone; others are of an offer, a visit, an article or a title too.</summary>
    public static bool IsOfReaders(IEstimator estimator) => estimator.Features.All(FeatureCatalog.Names.Contains);

    /// <exception cref="ArgumentException">No such model; the message lists those there are.</exception>
    public static IEstimator Get(string name) =>
        All.TryGetValue(name, out var estimator) ? estimator : throw new ArgumentException($"There is no model '{name}'; there are {string.Join(", ", All.Keys)}.");

    private static SortedDictionary<string, IEstimator> Where(Func<IEstimator, bool> wanted) =>
        new(Found.Where(e => wanted(e.Value)).ToDictionary(), StringComparer.Ordinal);

    private static SortedDictionary<string, IEstimator> Find()
    {
        var found = new SortedDictionary<string, IEstimator>(StringComparer.Ordinal);
        foreach (var type in typeof(ModelCatalog).Assembly.GetTypes())
        {
            if (type.IsAbstract || !type.IsAssignableTo(typeof(IEstimator)) || type.GetConstructor(Type.EmptyTypes) is not { } constructor) continue;
            var estimator = (IEstimator)constructor.Invoke(null);
            found.Add(estimator.Name, estimator);
        }
        return found;
    }
}
