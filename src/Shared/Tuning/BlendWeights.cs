using System.Numerics.Tensors;
using Media.Models;

namespace Media.Tuning;

/// <summary>How much each member of a blend counts: found by adding members one at a time, each as often as it helps, on scores out of fold.</summary>
/// <seealso href="https://doi.org/10.1145/1015330.1015432">Caruana et al. 2004, Ensemble Selection from Libraries of Models</seealso>
internal static class BlendWeights
{
    private const int MostSteps = 40;
    private const int MostRows = 100_000;

    // A member is added only if the loss falls by this share: less is the noise of the folds.
    private const double WorthIt = 1e-5;

    /// <param name="scores">Per member, log-odds or amounts out of fold.</param>
    /// <returns>One per member, ≥ 0, adding up to 1.</returns>
    internal static double[] Choose(IReadOnlyList<double[]> scores, float[] labels, LabelKind kind)
    {
        // Of a long table, evenly spread rows say enough.
        var step = Math.Max(1, labels.Length / MostRows);
        int[] rows = [.. Enumerable.Range(0, labels.Length).Where(r => r % step == 0)];
        float[] y = [.. rows.Select(r => labels[r])];
        double[][] x = [.. scores.Select(s => rows.Select(r => s[r]).ToArray())];

        var counts = new int[x.Length];
        var sum = new double[y.Length];
        var best = double.PositiveInfinity;
        for (var size = 1; size <= MostSteps; size++)
        {
            var losses = new double[x.Length];
            Parallel.For(0, x.Length, member =>
            {
                var mean = new double[y.Length];
                TensorPrimitives.Add(sum, x[member], mean);
                TensorPrimitives.Divide(mean, size, mean);
                losses[member] = Loss(mean, y, kind);
            });
            var chosen = Array.IndexOf(losses, losses.Min());
            if (size > 1 && losses[chosen] > best * (1 - WorthIt)) break;
            best = losses[chosen];
            counts[chosen]++;
            TensorPrimitives.Add(sum, x[chosen], sum);
        }
        double total = counts.Sum();
        return [.. counts.Select(c => c / total)];
    }

    /// <summary>Log loss of log-odds, or mean squared error of amounts.</summary>
    internal static double Loss(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels, LabelKind kind)
    {
        var sum = 0.0;
        for (var i = 0; i < scores.Length; i++)
            sum += kind == LabelKind.YesNo ? LogOdds.Loss(scores[i], labels[i]) : (scores[i] - labels[i]) * (scores[i] - labels[i]);
        return sum / scores.Length;
    }
}
