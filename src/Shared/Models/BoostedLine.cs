using System.Numerics.Tensors;
using Media.Features;
using Media.Models.LightGbm;

namespace Media.Models;

/// <summary>A straight line and what trees add to it, fitted once per fold and averaged: the raw score inside <see cref="BoostedModel"/> and <see cref="BoostedAmountModel"/>.</summary>
/// <remarks>
/// Per fold, a penalised line over standardised columns is fitted on the other rows, trees are grown on what the line leaves over until the fold's own rows no longer
/// gain, and the fold is scored. So every training row also gets a score from a part that never saw its entity. The score is the mean of the folds' scores.
/// <para>Why the line: recency and frequency act smoothly, and trees spend hundreds of steps on a slope. Immutable, thread-safe; scores without native code.</para>
/// </remarks>
internal sealed class BoostedLine
{
    private readonly FlatTrees[] _trees;

    /// <exception cref="InvalidDataException">A text is no LightGBM model, or the widths differ.</exception>
    internal BoostedLine(LinearScore line, IReadOnlyList<string> trees, int columns)
    {
        (Line, Trees) = (line, trees);
        _trees = [.. trees.Select(FlatTrees.Parse)];
        if (trees.Count == 0 || line.Columns != columns || _trees.Any(t => t.Columns != columns))
            throw new InvalidDataException("The saved model's parts have other widths than its features.");
    }

    internal LinearScore Line { get; }

    /// <summary>LightGBM's text of each fold's trees.</summary>
    internal IReadOnlyList<string> Trees { get; }

    /// <param name="trees">With the objective that the targets call for.</param>
    /// <param name="foldOf">Per row, 0 … folds − 1; each fold stands in it.</param>
    /// <returns>The fitted score, and for each row the score by the fold's part that never saw it.</returns>
    internal static (BoostedLine Model, double[] OutOfFold) Fit(BoostedOptions options, LineFamily family, LightGbmParameters trees, FeatureBatch rows, float[] targets, int[] foldOf, CancellationToken cancel)
    {
        NativeLightGbm.Require();
        var columns = rows.Names.Count;
        var belief = options.BeliefAmong(rows.Names);
        var standardisation = Standardisation.Fit(rows.Values, columns);
        var outOfFold = new double[rows.Rows];
        var lines = new LinearScore[options.Folds];
        var texts = new string[options.Folds];
        Parallel.For(0, options.Folds, new ParallelOptions { CancellationToken = cancel }, fold =>
        {
            int[] held = [.. Enumerable.Range(0, rows.Rows).Where(r => foldOf[r] == fold)];
            int[] kept = [.. Enumerable.Range(0, rows.Rows).Where(r => foldOf[r] != fold)];
            var scores = FitFold(Part.Of(rows, targets, kept), Part.Of(rows, targets, held), fold);
            for (var i = 0; i < held.Length; i++) outOfFold[held[i]] = scores[i];
        });
        return (new BoostedLine(LinearScore.Mean(lines), texts, columns), outOfFold);

        double[] FitFold(Part kept, Part held, int fold)
        {
            var line = lines[fold] = LinearScore.Fit(standardisation, kept.Values, kept.Targets, options.LineL2, family, belief, cancel);
            var start = new double[kept.Targets.Length];
            var scores = new double[held.Targets.Length];
            line.Score(kept.Values, start);
            line.Score(held.Values, scores);
            string[] names = [.. Enumerable.Range(0, columns).Select(c => $"column_{c}")];
            using var booster = Booster.Train(trees with { Seed = trees.Seed + fold }, names, new TrainingRows(kept.Values, columns, kept.Targets, start), new TrainingRows(held.Values, columns, held.Targets, scores), cancel);
            texts[fold] = booster.Text;
            TensorPrimitives.Add(scores, booster.RawScores(held.Values), scores);
            return scores;
        }
    }

    /// <summary>Updates each fold's trees by fresh rows of the other folds, where its own fold's rows say that they became better; the line stays.</summary>
    /// <param name="part">Of the estimator that fitted this; its number of folds does not count, this one's own does.</param>
    /// <param name="rows">Rows that this has not seen, with exactly its columns.</param>
    /// <param name="labels">The part's, one per row.</param>
    /// <returns>The updated score, for each row the score by the fold's part that did not learn from it, and what was taken.</returns>
    /// <exception cref="TooFewRowsException">Fewer entities than folds.</exception>
    internal (BoostedLine Model, double[] OutOfFold, PartUpdate Update) LearnOn(BoostedPart part, FeatureBatch rows, float[] labels, LearnOnOptions options, CancellationToken cancel)
    {
        if (!(options.TreeShare > 0)) throw new ArgumentException($"TreeShare is {options.TreeShare}; it must be positive.");
        NativeLightGbm.Require();
        var (columns, targets) = (rows.Names.Count, part.Targets(labels));
        var foldOf = (part with { Fitting = part.Fitting with { Folds = Trees.Count } }).Deal(rows, labels);
        string[] names = [.. Enumerable.Range(0, columns).Select(c => $"column_{c}")];
        var (texts, taken, before, after) = (new string[Trees.Count], new BoosterUpdate[Trees.Count], new double[Trees.Count], new double[Trees.Count]);
        var outOfFold = new double[rows.Rows];
        Parallel.For(0, Trees.Count, new ParallelOptions { CancellationToken = cancel }, fold =>
        {
            int[] heldRows = [.. Enumerable.Range(0, rows.Rows).Where(r => foldOf[r] == fold)];
            var kept = Part.Of(rows, targets, [.. Enumerable.Range(0, rows.Rows).Where(r => foldOf[r] != fold)]);
            var held = Part.Of(rows, targets, heldRows);
            var (start, scores) = (new double[kept.Targets.Length], new double[heldRows.Length]);
            Line.Score(kept.Values, start);
            Line.Score(held.Values, scores);
            using var old = Booster.FromText(Trees[fold]);
            var parameters = part.Fitting.Trees with { Objective = part.Objective, Seed = part.Fitting.Trees.Seed + fold, Trees = Math.Max(1, (int)Math.Round(options.TreeShare * old.Trees)) };
            var gated = UpdateGate.Update(old, parameters, names, new TrainingRows(kept.Values, columns, kept.Targets, start), new TrainingRows(held.Values, columns, held.Targets, scores), options.Decay, cancel);
            (texts[fold], taken[fold]) = (gated.Booster.Text, gated.Taken);
            var weight = (double)heldRows.Length / rows.Rows;
            (before[fold], after[fold]) = (weight * gated.Before, weight * gated.Taken switch { BoosterUpdate.Continued => gated.Continued, BoosterUpdate.Refitted => gated.Refitted, _ => gated.Before });
            TensorPrimitives.Add(scores, gated.Booster.RawScores(held.Values), scores);
            for (var i = 0; i < heldRows.Length; i++) outOfFold[heldRows[i]] = scores[i];
            if (gated.Taken != BoosterUpdate.Kept) gated.Booster.Dispose();
        });
        var update = new PartUpdate(part.Name, Trees.Count, taken.Count(t => t == BoosterUpdate.Continued), taken.Count(t => t == BoosterUpdate.Refitted), before.Sum(), after.Sum());
        return (update.Taken ? new BoostedLine(Line, texts, columns) : this, outOfFold, update);
    }

    /// <summary>The raw score of each row.</summary>
    internal void Score(FeatureBatch rows, Span<double> scores)
    {
        Span<double> one = scores.Length <= 128 ? stackalloc double[scores.Length] : new double[scores.Length];
        Span<double> sum = scores.Length <= 128 ? stackalloc double[scores.Length] : new double[scores.Length];
        sum.Clear();
        foreach (var trees in _trees)
        {
            trees.RawScores(rows.Values, one);
            TensorPrimitives.Add(sum, one, sum);
        }
        Line.Score(rows.Values, scores);
        for (var row = 0; row < scores.Length; row++) scores[row] += sum[row] / _trees.Length;
    }

    /// <inheritdoc cref="IExplains.Contributions"/>
    internal double[] Contributions(FeatureBatch rows)
    {
        var columns = rows.Names.Count;
        var width = columns + 1;
        var sum = new double[rows.Rows * width];
        foreach (var text in Trees)
        {
            using var booster = Booster.FromText(text);
            TensorPrimitives.Add(sum, booster.Contributions(rows.Values), sum);
        }
        TensorPrimitives.Divide(sum, Trees.Count, sum);
        var parts = new double[columns];
        for (var row = 0; row < rows.Rows; row++)
        {
            Line.Parts(rows.Row(row), parts);
            var line = sum.AsSpan(row * width, width);
            TensorPrimitives.Add(line[..^1], parts, line[..^1]);
            line[^1] += Line.Intercept;
        }
        return sum;
    }

    /// <inheritdoc cref="IExplains.Importances"/>
    internal IReadOnlyList<FeatureImportance> Importances(FeatureBatch rows)
    {
        if (rows.Rows == 0) throw new ArgumentException("There are no rows to explain.");
        var columns = rows.Names.Count;
        var gains = new double[columns];
        foreach (var text in Trees)
        {
            using var booster = Booster.FromText(text);
            TensorPrimitives.Add(gains, booster.GainImportance(), gains);
        }
        // Trees that found nothing to split have no gain to share.
        var total = Math.Max(TensorPrimitives.Sum<double>(gains), double.Epsilon);
        var contributions = Contributions(rows);
        return [.. rows.Names
            .Select((feature, c) => new FeatureImportance(feature, gains[c] / total,
                Enumerable.Range(0, rows.Rows).Average(row => Math.Abs(contributions[row * (columns + 1) + c]))))
            .OrderByDescending(f => f.MeanAbsoluteShap).ThenBy(f => f.Feature, StringComparer.Ordinal)];
    }

    /// <summary>Some rows' values and targets.</summary>
    private readonly record struct Part(float[] Values, float[] Targets)
    {
        public static Part Of(FeatureBatch rows, float[] targets, int[] chosen) => new(rows.Take(chosen).Values, [.. chosen.Select(r => targets[r])]);
    }
}
