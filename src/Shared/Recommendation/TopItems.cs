namespace Media.Recommendation;

/// <summary>The best of many scores.</summary>
public static class TopItems
{
    /// <summary>The items of the highest scores, best first; of equal ones the smaller item first. Items that score −∞ are left out.</summary>
    /// <param name="count">At most so many, ≥ 1.</param>
    /// <exception cref="ArgumentException">A score is NaN.</exception>
    public static int[] Of(ReadOnlySpan<float> scores, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        // A heap whose first is the worst of the best so far: most items are turned away by one comparison.
        var best = new PriorityQueue<int, (float Score, int Place)>(Math.Min(count, scores.Length) + 1);
        var worst = float.NegativeInfinity;
        for (var item = 0; item < scores.Length; item++)
        {
            var score = scores[item];
            if (float.IsNaN(score)) throw new ArgumentException($"The score of item {item} is not a number.");
            if (score <= worst) continue;
            if (best.Count == count) best.Dequeue();
            best.Enqueue(item, (score, -item));
            if (best.Count == count && best.TryPeek(out _, out var least)) worst = least.Score;
        }
        var top = new int[best.Count];
        for (var i = top.Length - 1; i >= 0; i--) top[i] = best.Dequeue();
        return top;
    }
}
