namespace Media.Recommendation;

/// <summary>A fitted engine: from what a user has to do with items to a score for every item.</summary>
/// <remarks>
/// A user is a history, not a row number: users who came after the fit are scored like all others. A history's columns are those of the fitted matrix, its values on the scale
/// the engine was fitted to. Immutable, thread-safe.
/// </remarks>
public interface IRecommender
{
    /// <summary>Items scored.</summary>
    int Items { get; }

    /// <summary>Scores every item; higher is better, the scale is the engine's own. Items of the history are scored too: who wants new ones leaves them out.</summary>
    /// <param name="scores">One per item; overwritten.</param>
    void Score(SparseRow history, Span<float> scores);

    /// <summary>What each item of the history adds to the score of one item. Together: that score less what the item scores for an empty history.</summary>
    /// <param name="contributions">One per item of the history, in its order; overwritten.</param>
    void Explain(SparseRow history, int item, Span<float> contributions);
}
