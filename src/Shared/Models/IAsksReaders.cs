using Media.Features;

namespace Media.Models;

/// <summary>A model of some readers only: it says by the latest features whom it may be asked about, since of others it has learned nothing.</summary>
public interface IAsksReaders : ILabelledEstimator
{
    /// <summary>The rows of readers like those it learned from, rising.</summary>
    /// <param name="readers">The catalogue's features, one row per reader, of one as-of.</param>
    int[] Population(FeatureBatch readers);
}
