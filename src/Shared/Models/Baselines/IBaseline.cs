namespace Media.Models;

/// <summary>A plain way to answer the same question: a model is worth its trouble only by what it gains over these.</summary>
/// <remarks>Fits any labels of its kind over any columns.</remarks>
public interface IBaseline : IEstimator
{
    /// <summary>Which labels it learns. Default yes or no.</summary>
    LabelKind Kind => LabelKind.YesNo;

    /// <summary>The same baseline over these columns.</summary>
    /// <exception cref="ArgumentException">It is about a column that is not among them.</exception>
    IBaseline Over(IReadOnlyList<string> features);
}
