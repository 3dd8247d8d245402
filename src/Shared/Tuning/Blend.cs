using System.Globalization;
using System.Numerics.Tensors;
using Media.Models;
using Media.Models.LightGbm;

namespace Media.Tuning;

/// <summary>Learns a table by several kinds of model at once and weighs them by what they say of rows they never saw.</summary>
/// <remarks>
/// <para>
/// Members: penalised lines (straight, and with bends), boosted trees of several settings found by <see cref="SuccessiveHalving"/>, a random forest and extremely
/// randomised trees; for amounts ≥ 0 with a long tail, trees and lines of ln(1 + amount) too. Each is fitted once per fold of the rows; the scores of the fold left
/// out choose settings and weights (<see cref="BlendWeights"/>) and calibrate, and the mean of the folds is the member.
/// </para>
/// <para>Pure; seeded; no result depends on threads or time.</para>
/// </remarks>
/// <seealso href="https://doi.org/10.1016/S0893-6080(05)80023-1">Wolpert 1992, Stacked generalization</seealso>
public static class Blend
{
    // A distribution this skewed (an exponential one has 2) is also learnt as a logarithm.
    private const double LongTail = 1.5;

    // Below these the latest rows alone say less about the level than all together.
    private const int FewestLatestRows = 200;
    private const int FewestLatestOfAClass = 30;

    /// <param name="tell">Told in a sentence what was found, as it goes.</param>
    /// <exception cref="ArgumentException">The rows do not fit together, or hold nothing to learn; the message says what.</exception>
    /// <exception cref="LightGbmException">The native library refuses or is missing.</exception>
    public static BlendedModel Fit(BlendRows rows, BlendOptions options, Action<string> tell, CancellationToken cancel)
    {
        rows.Check();
        var members = new List<BlendMember>();
        float[]? logarithms = rows.Kind == LabelKind.Amount && HasLongTail(rows.Labels) ? [.. rows.Labels.Select(float.LogP1)] : null;
        foreach (var bends in (bool[])[false, true])
        {
            members.Add(Line(bends, rows.Labels, $"line{(bends ? "_with_bends" : "")}", logarithm: false));
            if (logarithms is not null) members.Add(Line(bends, logarithms, $"line{(bends ? "_with_bends" : "")}_of_log", logarithm: true));
        }
        var best = BlendTrees.Fit(rows, rows.Labels, logarithm: false, options, members, tell, cancel);
        // The settings that suit the amounts suit their logarithms well enough: no second search.
        if (logarithms is not null) BlendTrees.Fit(rows, logarithms, logarithm: true, options with { Boosted = best, Trials = 1, Finalists = 1, ForestTrees = 0 }, members, tell, cancel);

        foreach (var member in members) tell($"{member.Name}: {Words(rows.Kind)} {Figure(BlendWeights.Loss(member.OutOfFold, rows.Labels, rows.Kind))} out of fold");
        var weights = BlendWeights.Choose([.. members.Select(m => m.OutOfFold)], rows.Labels, rows.Kind);
        return Blended(rows, members, weights, tell);

        LineMember Line(bool bends, float[] targets, string name, bool logarithm) => FitLine(rows, targets, LineDesign.Fit(rows, bends), name, logarithm, options, cancel);
    }

    private static BlendedModel Blended(BlendRows rows, List<BlendMember> members, double[] weights, Action<string> tell)
    {
        var blended = new double[rows.Rows];
        for (var m = 0; m < members.Count; m++)
            if (weights[m] > 0) TensorPrimitives.MultiplyAdd(members[m].OutOfFold, weights[m], blended, blended);
        tell($"blend: {Words(rows.Kind)} {Figure(BlendWeights.Loss(blended, rows.Labels, rows.Kind))} out of fold, of {string.Join(", ", members.Select((m, i) => (m.Name, Weight: weights[i])).Where(m => m.Weight > 0).OrderByDescending(m => m.Weight).Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Name} {m.Weight:P0}")))}");
        IReadOnlyList<BlendShare> shares = [.. members.Select((m, i) => new BlendShare(m.Name, BlendWeights.Loss(m.OutOfFold, rows.Labels, rows.Kind), weights[i]))];
        for (var m = 0; m < members.Count; m++)
            if (weights[m] == 0) members[m].Dispose();
        List<(BlendMember, double)> used = [.. members.Select((m, i) => (m, weights[i])).Where(m => m.Item2 > 0)];
        return rows.Kind == LabelKind.YesNo
            ? new BlendedModel(rows.Columns, used, shares, blended, Calibrate(rows, blended))
            : new BlendedModel(rows.Columns, used, shares, blended, Shift(rows, blended), rows.Labels.Min(), rows.Labels.Max());
    }

    private static PlattCalibration Calibrate(BlendRows rows, double[] scores)
    {
        if (rows.Latest is { } latest && latest.Count >= FewestLatestRows)
        {
            var ones = latest.Count(r => rows.Labels[r] == 1);
            if (Math.Min(ones, latest.Count - ones) >= FewestLatestOfAClass) return PlattCalibration.Fit([.. latest.Select(r => scores[r])], [.. latest.Select(r => rows.Labels[r])]);
        }
        return PlattCalibration.Fit(scores, rows.Labels);
    }

    /// <summary>How far labels of the latest rows lie above their scores; 0 where all rows are of one time.</summary>
    private static double Shift(BlendRows rows, double[] scores) =>
        rows.Latest is { Count: >= FewestLatestRows } latest ? latest.Average(r => rows.Labels[r] - scores[r]) : 0;

    private static LineMember FitLine(BlendRows rows, float[] targets, LineDesign design, string name, bool logarithm, BlendOptions options, CancellationToken cancel)
    {
        var family = rows.Kind == LabelKind.YesNo ? LineFamily.Logistic : LineFamily.Gaussian;
        var folds = rows.Folds;
        var penalties = options.LinePenalties;
        var (weights, scores) = (new double[penalties.Count, folds][], new double[penalties.Count][]);
        for (var p = 0; p < penalties.Count; p++) scores[p] = new double[rows.Rows];
        Parallel.For(0, folds, new ParallelOptions { MaxDegreeOfParallelism = options.SideBySide, CancellationToken = cancel }, fold =>
        {
            int[] kept = [.. Enumerable.Range(0, rows.Rows).Where(r => rows.FoldOf[r] != fold)];
            var every = (int)Math.Max(1, (long)kept.Length * design.Width / options.LineCells);
            if (every > 1) kept = [.. kept.Where((_, i) => i % every == 0)];
            int[] held = [.. Enumerable.Range(0, rows.Rows).Where(r => rows.FoldOf[r] == fold)];
            var x = design.Of(BlendFolds.Values(rows, kept), rows.Columns);
            float[] y = [.. kept.Select(r => targets[r])];
            var heldX = design.Of(BlendFolds.Values(rows, held), rows.Columns);
            for (var p = 0; p < penalties.Count; p++)
            {
                var line = weights[p, fold] = new PenalisedLine(x, y, design.Width, penalties[p], family).Minimise(cancel);
                for (var i = 0; i < held.Length; i++) scores[p][held[i]] = TensorPrimitives.Dot<double>(heldX.AsSpan(i * design.Width, design.Width), line);
            }
        });
        var best = Enumerable.Range(0, penalties.Count).MinBy(p => BlendWeights.Loss(scores[p], targets, rows.Kind));
        var scale = rows.Kind == LabelKind.YesNo ? MemberScale.LogOdds(scores[best], rows.Labels) : logarithm ? MemberScale.Log1p(scores[best], rows.Labels) : MemberScale.AsIs;
        return LineMember.Of(name, design, [.. Enumerable.Range(0, folds).Select(f => weights[best, f])], rows.Columns, scores[best], scale);
    }

    private static bool HasLongTail(float[] amounts)
    {
        if (amounts.Min() < 0) return false;
        var mean = amounts.Average(a => (double)a);
        double squares = 0, cubes = 0;
        foreach (var amount in amounts)
        {
            squares += (amount - mean) * (amount - mean);
            cubes += (amount - mean) * (amount - mean) * (amount - mean);
        }
        return cubes / amounts.Length / Math.Pow(squares / amounts.Length, 1.5) > LongTail;
    }

    private static string Words(LabelKind kind) => kind == LabelKind.YesNo ? "log loss" : "mean squared error";

    private static string Figure(double loss) => loss.ToString("G5", CultureInfo.InvariantCulture);
}
