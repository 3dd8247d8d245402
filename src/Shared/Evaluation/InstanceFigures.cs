namespace Media.Evaluation;

/// <summary>One figure of each instance, already computed elsewhere: the recall of each reader's list. Judged by their mean.</summary>
/// <remarks>Two of them are taken to be of the same instances when they have as many. Immutable, thread-safe.</remarks>
public sealed class InstanceFigures : JudgedRows
{
    private readonly double[] _figures;

    /// <param name="figures">One finite number per instance, at least one.</param>
    /// <exception cref="ArgumentException">No instance, or a figure is not finite.</exception>
    public InstanceFigures(ReadOnlySpan<double> figures) : base(figures, new float[figures.Length])
    {
        if (figures.Length == 0) throw new ArgumentException("There are no instances to judge.");
        _figures = figures.ToArray();
        OwnUnits = [.. Enumerable.Range(0, _figures.Length)];
    }

    public override int Count => _figures.Length;

    internal override int[] OwnUnits { get; }

    internal override int[] UnitsOf(ReadOnlySpan<int> unitOfRow) => unitOfRow.ToArray();

    internal override bool CanJudge(ReadOnlySpan<int> counts) => true;

    /// <inheritdoc cref="Metric{TRows}"/>
    public static double Mean(InstanceFigures rows, ReadOnlySpan<int> counts)
    {
        double sum = 0;
        long total = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            sum += counts[i] * rows._figures[i];
            total += counts[i];
        }
        return sum / total;
    }
}
