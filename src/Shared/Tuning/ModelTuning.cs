using Media.Evaluation;
using Media.Models;
using Media.Models.LightGbm;

namespace Media.Tuning;

/// <summary>What a model's search tries.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record TuningOptions
{
    /// <summary>Most settings tried of each part, the model's own first. Default 30, ≥ 1.</summary>
    public int Trials { get; init; } = 30;

    public TreeSpace Space { get; init; } = new();
    public HalvingOptions Halving { get; init; } = new();

    /// <summary>Seed of the settings and of the intervals. Default 1.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>How the settings of one part of a model did.</summary>
/// <param name="Part">What it answers; empty where it is the whole model.</param>
/// <param name="Objective">Whose own metric the losses are, on entities left out of training.</param>
/// <param name="Trials">All that were tried; the first is the best.</param>
public sealed record PartTrials(string Part, LightGbmObjective Objective, IReadOnlyList<Trial<LightGbmParameters>> Trials);

/// <summary>What a search found.</summary>
/// <param name="Best">The estimator with the best settings.</param>
/// <param name="Parts">In the order of the model's parts.</param>
/// <param name="Lead">The metric by which the leaderboard is ordered.</param>
/// <param name="Leaderboard">The tuned model, the model with its own settings, and the baselines, judged on the test rows, best first.</param>
/// <param name="Gain">The tuned model against the strongest of the others.</param>
public sealed record TuningResult(IBoosted Best, IReadOnlyList<PartTrials> Parts, string Lead, IReadOnlyList<ModelMetrics> Leaderboard, string Gain);

/// <summary>Searches settings of a model's trees inside its training rows, and judges the best beside its own settings and the baselines on later rows.</summary>
/// <remarks>
/// Rows of one entity are in one fold. Each fold's line is fitted and its rows are binned once; every candidate grows on the same bins, from the same line, with the
/// same learning rate, and stops by the fold's own rows. A model of several parts has them searched in turn. The winner is then fitted as the model itself is. Pure; seeded.
/// </remarks>
public static class ModelTuning
{
    /// <param name="goOn">Asked before new settings are tried, with the share of the search that may be over then, up to 1: false ends the part's drawing.</param>
    /// <param name="tried">Told of each part's candidate after each round it was in.</param>
    /// <param name="train">Rows to search and fit on.</param>
    /// <param name="test">Later rows, looked at only to judge.</param>
    /// <exception cref="ArgumentException">The rows are not of the model's kind, or too few entities for its folds.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static TuningResult Run(IBoosted estimator, LabelledRows train, LabelledRows test, IReadOnlyList<IEstimator> baselines, TuningOptions options, Func<double, bool> goOn, Action<BoostedPart, Trial<LightGbmParameters>> tried, CancellationToken cancel)
    {
        var (best, parts) = (estimator, new List<PartTrials>());
        while (parts.Count < best.Parts.Count)
        {
            var part = best.Parts[parts.Count];
            var share = (parts.Count + 1.0) / best.Parts.Count;
            var trials = Search(part, estimator.Features, train, options, () => goOn(share), trial => tried(part, trial), cancel);
            parts.Add(new PartTrials(part.Name, part.Objective, trials));
            best = part.With(part.Fitting with { Trees = trials[0].Settings });
        }
        IEstimator[] others = [new Named($"{estimator.Name} (own settings)", estimator), .. baselines];
        var judged = ModelEvaluation.Evaluate(new Named($"{estimator.Name} (tuned)", best), train, test, others, truth: null,
            new Judging { Kind = estimator.Kind, Lead = estimator.LeadMetric, Bootstrap = new BootstrapOptions { Seed = options.Seed } }, cancel);
        return new TuningResult(best, parts, judged.Lead, [.. judged.ForCard().OrderByDescending(m => m.Metrics.First(e => e.Metric == judged.Lead).Value)], judged.Gain.Sentence);
    }

    private static IReadOnlyList<Trial<LightGbmParameters>> Search(BoostedPart part, IReadOnlyList<string> features, LabelledRows train, TuningOptions options, Func<bool> goOn, Action<Trial<LightGbmParameters>> tried, CancellationToken cancel)
    {
        using var folds = TuningFolds.Of(part, features, train, options.Space.RowsPerLeaf.Low, cancel);
        var candidates = options.Space.Draw(part.Fitting.Trees with { Objective = part.Objective }, options.Trials, options.Seed);
        return SuccessiveHalving.Run(candidates, folds.Count, options.Halving, (candidate, fold) => folds.Loss(candidates[candidate], fold, cancel), goOn, tried, cancel);
    }

    /// <summary>An estimator by another name, to stand beside itself in a table.</summary>
    private sealed record Named(string Name, IEstimator Of) : IEstimator
    {
        public IReadOnlyList<string> Features => Of.Features;
        public IModel Fit(Features.FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => Of.Fit(x, y, cancel);
        public IModel Load(Stream saved) => Of.Load(saved);
    }
}
