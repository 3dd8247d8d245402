using System.ComponentModel.DataAnnotations;
using Media.Bandit;
using Media.Events.Archives;
using Media.Models;

namespace Media.Evaluation;

/// <summary>How the reward model is fitted and the values are resampled.</summary>
public sealed record OffPolicyEvaluationOptions
{
    /// <summary>L2 penalty of the reward model's weights beside a loss summed over rows. Default 10, range 1e-6 – 1e6.</summary>
    [Range(1e-6, 1e6)] public double L2 { get; init; } = 10;

    /// <summary>Parts of the log: each part's rewards are predicted by a model of the others. Default 3, range 2–20.</summary>
    [Range(2, 20)] public int Folds { get; init; } = 3;

    /// <summary>τ of Switch-DR: above this weight the model alone speaks. Default 5, range 0 – 1e6.</summary>
    [Range(0, 1e6)] public double MostWeight { get; init; } = 5;

    /// <summary>Resamples of the rows. Default 1,000, range 100–100,000.</summary>
    [Range(100, 100_000)] public int Resamples { get; init; } = 1_000;

    /// <summary>Same seed, same intervals, whatever the number of cores. Default 1.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>Clicks per shown item of one policy, as its own log tells it and as another policy's log does.</summary>
/// <remarks>Intervals: 95 % percentile bootstrap over rows; those of the model's estimates take the fitted model as given.</remarks>
/// <param name="Truth">Mean click of the target's own log.</param>
/// <param name="LoggedMean">Mean click of the logging policy: the estimate that ignores the difference of the policies.</param>
/// <param name="Ipw">Inverse propensity weighting.</param>
/// <param name="Snipw">The same, self-normalised.</param>
/// <param name="Dm">The reward model alone.</param>
/// <param name="Dr">Doubly robust.</param>
/// <param name="SwitchDr">Doubly robust up to a weight, the model above.</param>
/// <param name="CoveredShare">Share of the target's rows whose item the logging policy showed at that position too; what is not covered no estimate can know.</param>
/// <param name="EffectiveRows">How many equally weighted rows the log is worth for the target policy.</param>
public sealed record OffPolicyValues(Estimate Truth, Estimate LoggedMean, Estimate Ipw, Estimate Snipw, Estimate Dm, Estimate Dr, Estimate SwitchDr, double CoveredShare, double EffectiveRows);

/// <summary>Values the policy behind one Open Bandit log from the log of another that ran beside it.</summary>
/// <remarks>
/// The target policy is taken as the share of each item at each position in its log; one log may count positions from 0 and the other from 1. The reward model is a logistic regression on item, position, the user's
/// categories, the affinities and the affinity to the item shown; a row is predicted by a model of other page views. Deterministic, thread-safe.
/// </remarks>
/// <seealso href="https://arxiv.org/abs/2008.07146">Saito et al. 2021, Open Bandit Dataset and Pipeline</seealso>
public static class OffPolicyEvaluation
{
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="InvalidDataException">The logs are of other positions, share no item, or hold too few page views for the folds.</exception>
    public static OffPolicyValues Evaluate(OpenBanditLog logged, OpenBanditLog target, OffPolicyEvaluationOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        if (logged.TimeGroups[^1] + 1 < options.Folds)
            throw new InvalidDataException($"{logged.Name} has rows of {logged.TimeGroups[^1] + 1} instants; {options.Folds} are needed, so that the reward model predicts page views that it has not seen.");
        target = CountedLike(logged, target);
        var policy = new ShareByPosition(logged, target);
        double[] clicks = [.. logged.Clicked.Select(c => (double)c)], targetClicks = [.. target.Clicked.Select(c => (double)c)];
        var wanted = new double[logged.Rows];
        for (var row = 0; row < wanted.Length; row++) wanted[row] = policy.Of(logged.Positions[row])[policy.Item(logged.Items[row])];

        var (predicted, expected) = CrossFit(logged, clicks, policy, options, cancel);
        OffPolicyEstimate[] values =
        [
            OffPolicy.Ips(clicks, logged.Propensities, logged.Propensities),
            OffPolicy.Ips(clicks, logged.Propensities, wanted),
            OffPolicy.Snips(clicks, logged.Propensities, wanted),
            OffPolicy.DirectMethod(expected),
            OffPolicy.DoublyRobust(clicks, logged.Propensities, wanted, predicted, expected),
            OffPolicy.SwitchDoublyRobust(clicks, logged.Propensities, wanted, predicted, expected, options.MostWeight),
        ];
        var truth = OffPolicyEstimate.Percentiles([OffPolicy.Ips(targetClicks, target.Propensities, target.Propensities)], options.Resamples, options.Seed, cancel)[0];
        var intervals = OffPolicyEstimate.Percentiles(values, options.Resamples, options.Seed, cancel).Select(Of).ToArray();
        return new OffPolicyValues(Of(truth), intervals[0], intervals[1], intervals[2], intervals[3], intervals[4], intervals[5], policy.CoveredShare, values[1].EffectiveSampleSize);

        static Estimate Of(MeanInterval interval) => new(interval.Mean, interval.Low, interval.High);
    }

    /// <summary>The target's log with positions counted from where the other's are: the released files count from 1, those that went through the set's own package from 0.</summary>
    /// <remarks>Only when both name the same number of neighbouring positions, one from 0 and the other from 1: otherwise it cannot be known which is which.</remarks>
    private static OpenBanditLog CountedLike(OpenBanditLog logged, OpenBanditLog target)
    {
        int[] there = [.. logged.Positions.Distinct().Order()], wanted = [.. target.Positions.Distinct().Order()];
        var shift = there[0] - wanted[0];
        var shifted = wanted.Select(position => position + shift);
        return Math.Abs(shift) == 1 && Math.Min(there[0], wanted[0]) == 0 && there.SequenceEqual(Enumerable.Range(there[0], there.Length)) && there.SequenceEqual(shifted)
            ? target with { Positions = [.. target.Positions.Select(position => position + shift)] } : target;
    }

    /// <summary>Per row, by a model that has not seen its page view: the click expected of the item shown, and of the target policy.</summary>
    private static (double[] Predicted, double[] Expected) CrossFit(OpenBanditLog log, double[] clicks, ShareByPosition policy, OffPolicyEvaluationOptions options, CancellationToken cancel)
    {
        var design = new Design(log, policy);
        float[] labels = [.. clicks.Select(c => (float)c)];
        var (predicted, expected) = (new double[log.Rows], new double[log.Rows]);
        Parallel.For(0, options.Folds, new ParallelOptions { CancellationToken = cancel }, fold =>
        {
            var learned = Enumerable.Range(0, log.Rows).Where(row => log.TimeGroups[row] % options.Folds != fold).ToArray();
            var model = SparseLogistic.Fit(design.Rows, labels, learned, options.L2, cancel);
            var scores = new double[policy.Items];
            for (var row = 0; row < log.Rows; row++)
            {
                if (log.TimeGroups[row] % options.Folds != fold) continue;
                design.ScoreItems(row, model, scores);
                predicted[row] = LogOdds.ToProbability(scores[policy.Item(log.Items[row])]);
                var shares = policy.Of(log.Positions[row]);
                for (var item = 0; item < scores.Length; item++)
                    if (shares[item] > 0) expected[row] += shares[item] * LogOdds.ToProbability(scores[item]);
            }
        });
        return (predicted, expected);
    }

    /// <summary>The target policy: per position the share of each item in its log; items are numbered over both logs.</summary>
    private sealed class ShareByPosition
    {
        private readonly Dictionary<int, int> _items = [];
        private readonly Dictionary<int, double[]> _shares = [];

        internal ShareByPosition(OpenBanditLog logged, OpenBanditLog target)
        {
            int[] there = [.. logged.Positions.Distinct().Order()], wanted = [.. target.Positions.Distinct().Order()];
            if (!there.SequenceEqual(wanted))
                throw new InvalidDataException($"{logged.Name} has the positions {string.Join(", ", there.Take(20))} but {target.Name} has {string.Join(", ", wanted.Take(20))}: one policy cannot be valued from the other's log.");
            foreach (var item in logged.Items.Concat(target.Items)) _items.TryAdd(item, _items.Count);
            foreach (var position in wanted) _shares.Add(position, new double[_items.Count]);
            for (var row = 0; row < target.Rows; row++) _shares[target.Positions[row]][_items[target.Items[row]]]++;
            var shown = new HashSet<(int, int)>();
            for (var row = 0; row < logged.Rows; row++) shown.Add((logged.Items[row], logged.Positions[row]));
            CoveredShare = (double)Enumerable.Range(0, target.Rows).Count(row => shown.Contains((target.Items[row], target.Positions[row]))) / target.Rows;
            if (CoveredShare == 0) throw new InvalidDataException($"{logged.Name} shows none of the items of {target.Name}: their value cannot be known from it.");
            foreach (var shares in _shares.Values)
            {
                var rows = shares.Sum();
                for (var item = 0; item < shares.Length; item++) shares[item] /= rows;
            }
        }

        internal double CoveredShare { get; }
        internal int Items => _items.Count;
        internal int Item(int id) => _items[id];
        internal int? FindItem(int id) => _items.TryGetValue(id, out var item) ? item : null;
        internal ReadOnlySpan<double> Of(int position) => _shares[position];
    }

    /// <summary>The logged rows as the reward model sees them: item · its affinity · position · the user's categories · all affinities.</summary>
    private sealed class Design
    {
        private readonly OpenBanditLog _log;
        private readonly int[] _shown;
        private readonly int?[] _affinityItems;
        private readonly int _ownAffinity;

        internal Design(OpenBanditLog log, ShareByPosition policy)
        {
            _log = log;
            _shown = [.. log.Items.Select(policy.Item)];
            _affinityItems = [.. log.AffinityItems.Select(policy.FindItem)];
            _ownAffinity = policy.Items;
            var position = _ownAffinity + 1;
            var positions = log.Positions.Distinct().Order().Select((p, i) => (p, Column: position + i)).ToDictionary(p => p.p, p => p.Column);
            var category = position + positions.Count;
            var categories = log.UserFeatureCategories.Select((_, f) => category + log.UserFeatureCategories.Take(f).Sum()).ToArray();
            var affinity = category + log.UserFeatureCategories.Sum();

            var (starts, indexes, values) = (new int[log.Rows + 1], new List<int>(), new List<float>());
            for (var row = 0; row < log.Rows; row++)
            {
                Add(_shown[row], 1);
                Add(positions[log.Positions[row]], 1);
                for (var f = 0; f < categories.Length; f++) Add(categories[f] + log.UserFeatures[f][row], 1);
                for (var at = log.AffinityStarts[row]; at < log.AffinityStarts[row + 1]; at++)
                {
                    Add(affinity + log.AffinityColumns[at], log.Affinities[at]);
                    if (_affinityItems[log.AffinityColumns[at]] == _shown[row]) Add(_ownAffinity, log.Affinities[at]);
                }
                starts[row + 1] = indexes.Count;
            }
            Rows = new SparseRows(affinity + log.AffinityItems.Count, starts, [.. indexes], [.. values]);

            void Add(int column, float value)
            {
                indexes.Add(column);
                values.Add(value);
            }
        }

        internal SparseRows Rows { get; }

        /// <summary>Log-odds of a click had each item been shown in this row.</summary>
        internal void ScoreItems(int row, SparseLogistic model, Span<double> scores)
        {
            var withoutItem = model.Intercept + Rows.Dot(row, model.Weights) - model.Weights[_shown[row]];
            for (var at = _log.AffinityStarts[row]; at < _log.AffinityStarts[row + 1]; at++)
                if (_affinityItems[_log.AffinityColumns[at]] == _shown[row]) withoutItem -= model.Weights[_ownAffinity] * _log.Affinities[at];
            for (var item = 0; item < scores.Length; item++) scores[item] = withoutItem + model.Weights[item];
            for (var at = _log.AffinityStarts[row]; at < _log.AffinityStarts[row + 1]; at++)
                if (_affinityItems[_log.AffinityColumns[at]] is { } item) scores[item] += model.Weights[_ownAffinity] * _log.Affinities[at];
        }
    }
}
