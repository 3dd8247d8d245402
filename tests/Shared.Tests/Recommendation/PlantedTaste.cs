using Media.Recommendation;

namespace Media.Tests.Recommendation;

/// <summary>Users whose taste is known: each likes one of a few groups of items, all like the popular ones, some cells are chance.</summary>
internal static class PlantedTaste
{
    /// <summary>Users of row r belong to group r mod groups, items likewise; two thirds of the picks are of the own group.</summary>
    public static SparseMatrix Draw(int users, int items, int groups, int picks, int seed)
    {
        var random = new Random(seed);
        var triples = new List<Interaction>();
        for (var user = 0; user < users; user++)
            for (var pick = 0; pick < picks; pick++)
            {
                // Squaring favours the first items: popularity is as skewed as on a front page.
                var item = (int)(items / groups * Math.Pow(random.NextDouble(), 2)) * groups + (random.Next(3) < 2 ? user % groups : random.Next(groups));
                if (!triples.Contains(new Interaction(user, item, 1))) triples.Add(new Interaction(user, item, 1));
            }
        return SparseMatrix.From(users, items, triples.ToArray());
    }

    public static float[] Scores(this IRecommender recommender, SparseRow history)
    {
        var scores = new float[recommender.Items];
        recommender.Score(history, scores);
        return scores;
    }

    public static float[] Contributions(this IRecommender recommender, SparseRow history, int item)
    {
        var contributions = new float[history.Count];
        recommender.Explain(history, item, contributions);
        return contributions;
    }

    /// <summary>Rows as plain arrays, zeros and all, for brute force.</summary>
    public static double[,] Dense(this SparseMatrix matrix)
    {
        var dense = new double[matrix.Rows, matrix.Columns];
        for (var row = 0; row < matrix.Rows; row++)
        {
            var (indices, values) = matrix.Row(row);
            for (var i = 0; i < indices.Length; i++) dense[row, indices[i]] = values[i];
        }
        return dense;
    }
}
