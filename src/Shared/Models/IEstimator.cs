using Media.Features;

namespace Media.Models;

/// <summary>A model not yet fitted: hyperparameters as <c>init</c> properties with defaults, and how to fit.</summary>
/// <remarks>One file per model holds its estimator, its fitted model, its label: the whole story. The catalogue finds it.</remarks>
public interface IEstimator
{
    /// <summary>snake_case; the same in the registry, on the command line and in the URL.</summary>
    string Name { get; }

    /// <summary>The columns it reads, in the order it reads them; a batch may hold more, in any order.</summary>
    IReadOnlyList<string> Features { get; }

    /// <summary>Fits on labelled rows.</summary>
    /// <param name="x">Rows of one or several as-of instants; the latest tells the present level, so a model that calibrates does so there when it holds enough rows.</param>
    /// <param name="y">One label per row; empty for a model that needs none.</param>
    /// <exception cref="ArgumentException">Lengths differ, no rows, or only one class.</exception>
    IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel);

    /// <summary>Reads what <see cref="IModel.Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a model.</exception>
    IModel Load(Stream saved);
}

/// <summary>A fitted model: rows in, <see cref="Outputs"/> numbers a row out. Immutable and thread-safe: one instance serves all requests.</summary>
public interface IModel
{
    IReadOnlyList<string> Features { get; }

    /// <summary>Numbers per row.</summary>
    int Outputs { get; }

    /// <summary>Scores a batch of rows.</summary>
    /// <remarks>scores: rows × Outputs, row-major, finite also for NaN features.</remarks>
    void Predict(FeatureBatch x, Span<double> scores);

    void Save(Stream to);
}
