using Media.Models;

namespace Media.Tuning;

/// <summary>Parts the rows of a table into folds.</summary>
public static class TableFolds
{
    /// <summary>The fold of each row: shuffled, then in the order of their labels, dealt in turn, so that folds have like labels.</summary>
    /// <param name="folds">≥ 2.</param>
    /// <exception cref="ArgumentException">Fewer rows than folds, or, for yes or no, fewer of a class.</exception>
    public static int[] Deal(float[] labels, LabelKind kind, int folds, int seed)
    {
        Check(labels, kind, folds);
        int[] order = [.. Enumerable.Range(0, labels.Length)];
        new Random(seed).Shuffle(order);
        var foldOf = new int[labels.Length];
        var turn = 0;
        foreach (var row in order.OrderBy(r => labels[r])) foldOf[row] = turn++ % folds;
        return foldOf;
    }

    /// <summary>The fold of each row where rows stand in the order of time: stretches of equal length.</summary>
    /// <param name="folds">≥ 2.</param>
    /// <exception cref="ArgumentException">Fewer rows than folds, or, for yes or no, fewer of a class.</exception>
    public static int[] InOrder(float[] labels, LabelKind kind, int folds)
    {
        Check(labels, kind, folds);
        return [.. Enumerable.Range(0, labels.Length).Select(row => (int)((long)row * folds / labels.Length))];
    }

    private static void Check(float[] labels, LabelKind kind, int folds)
    {
        if (folds < 2) throw new ArgumentException($"folds is {folds}; at least two are needed.");
        var ones = labels.Count(l => l == 1);
        var scarce = kind == LabelKind.YesNo ? Math.Min(ones, labels.Length - ones) : labels.Length;
        if (scarce < folds)
            throw new ArgumentException(kind == LabelKind.YesNo
                ? $"The training rows hold {ones} of one class and {labels.Length - ones} of the other; at least {folds} of each are needed."
                : $"There are {labels.Length} training rows; at least {folds} are needed.");
    }
}
