namespace Media.Recommendation;

/// <summary>The same scores for everyone: how many users an item has. What all else must beat, and the answer to who has no history.</summary>
/// <remarks>Cells of strength 0 or less do not count. Immutable, thread-safe.</remarks>
public sealed class Popularity : IRecommender
{
    private readonly float[] _users;

    private Popularity(float[] users) => _users = users;

    public int Items => _users.Length;

    /// <param name="interactions">Users × items.</param>
    public static Popularity Fit(SparseMatrix interactions)
    {
        var users = new float[interactions.Columns];
        for (var user = 0; user < interactions.Rows; user++)
        {
            var (items, strengths) = interactions.Row(user);
            for (var i = 0; i < items.Length; i++)
                if (strengths[i] > 0) users[items[i]]++;
        }
        return new Popularity(users);
    }

    public void Score(SparseRow history, Span<float> scores) => _users.CopyTo(scores);

    public void Explain(SparseRow history, int item, Span<float> contributions) => contributions.Clear();
}
