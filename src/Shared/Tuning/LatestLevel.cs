using Media.Models;

namespace Media.Tuning;

/// <summary>How far the level of a yes or no lies, in the latest rows, from what their scores say: a level may jump and stay.</summary>
/// <param name="Since">The first row of the latest level; 0 where no jump is beyond chance.</param>
/// <param name="Shift">What is to be added to log-odds of later rows.</param>
/// <remarks>
/// The rows are cut where the likelihood gains most by a level of its own on each side, and the later part again, as long as the gain exceeds 3/2 · ln(rows):
/// the price of a change's place and height. Immutable, thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1111/j.1541-0420.2006.00662.x">Zhang &amp; Siegmund 2007, A Modified Bayes Information Criterion</seealso>
public readonly record struct LatestLevel(int Since, double Shift)
{
    // The gain is computed to second order, which holds for parts that are not tiny.
    private const int FewestRows = 50;
    private const double FarthestShift = 20;
    private const int Halvings = 50;

    /// <param name="logOdds">Of rows in the order of time, by a model that never saw the row.</param>
    /// <param name="labels">0 or 1, one per row.</param>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public static LatestLevel Of(ReadOnlySpan<double> logOdds, ReadOnlySpan<float> labels)
    {
        if (logOdds.Length != labels.Length) throw new ArgumentException($"labels has {labels.Length} entries but logOdds has {logOdds.Length}.");
        var since = 0;
        while (true)
        {
            var shift = Level(logOdds[since..], labels[since..]);
            if (JumpIn(logOdds[since..], labels[since..], shift) is not { } jump) return new LatestLevel(since, shift);
            since += jump;
        }
    }

    /// <summary>The first row after the greatest jump, or null where none is worth its price.</summary>
    private static int? JumpIn(ReadOnlySpan<double> logOdds, ReadOnlySpan<float> labels, double shift)
    {
        var (surplus, information) = (new double[labels.Length + 1], new double[labels.Length + 1]);
        for (var row = 0; row < labels.Length; row++)
        {
            var p = LogOdds.ToProbability(logOdds[row] + shift);
            surplus[row + 1] = surplus[row] + labels[row] - p;
            information[row + 1] = information[row] + p * (1 - p);
        }
        var (best, at) = (1.5 * Math.Log(labels.Length), (int?)null);
        for (var cut = FewestRows; cut <= labels.Length - FewestRows; cut++)
        {
            // The surplus of both parts together is none, by the choice of shift.
            var gain = surplus[cut] * surplus[cut] / 2 * (1 / information[cut] + 1 / (information[^1] - information[cut]));
            if (gain > best) (best, at) = (gain, cut);
        }
        return at;
    }

    /// <summary>What makes the mean probability the mean label, one row more of each class supposed.</summary>
    private static double Level(ReadOnlySpan<double> logOdds, ReadOnlySpan<float> labels)
    {
        if (labels.Length == 0) return 0;
        var target = (labels.Count(1f) + 1.0) / (labels.Length + 2) * labels.Length;
        var (low, high) = (-FarthestShift, FarthestShift);
        for (var halving = 0; halving < Halvings; halving++)
        {
            var (middle, sum) = ((low + high) / 2, 0.0);
            foreach (var score in logOdds) sum += LogOdds.ToProbability(score + middle);
            (low, high) = sum < target ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }
}
