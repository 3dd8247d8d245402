using Media.Models;

namespace Media.Tuning;

/// <summary>Deals the rows of a table into folds of like labels: shuffled, then in the order of their labels, dealt in turn.</summary>
public static class TableFolds
{
    /// <summary>The fold of each row.</summary>
    /// <param name="folds">≥ 2.</param>
    /// <exception cref="ArgumentException">Fewer rows than folds, or, for yes or no, fewer of a class.</exception>
    public static int[] Deal(float[] labels, LabelKind kind, int folds, int seed)
    {
        if (folds < 2) throw new ArgumentException($"folds is {folds}; at least two are needed.");
        var ones = labels.Count(l => l == 1);
        var scarce = kind == LabelKind.YesNo ? Math.Min(ones, labels.Length - ones) : labels.Length;
        if (scarce < folds)
            throw new ArgumentException(kind == LabelKind.YesNo
                ? $"The training rows hold {ones} of one class and {labels.Length - ones} of the other; at least {folds} of each are needed."
                : $"There are {labels.Length} training rows; at least {folds} are needed.");
        int[] order = [.. Enumerable.Range(0, labels.Length)];
        new Random(seed).Shuffle(order);
        var foldOf = new int[labels.Length];
        var turn = 0;
        foreach (var row in order.OrderBy(r => labels[r])) foldOf[row] = turn++ % folds;
        return foldOf;
    }
}
