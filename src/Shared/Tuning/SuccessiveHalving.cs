namespace Media.Tuning;

/// <summary>One candidate's way through a search.</summary>
/// <param name="Number">0 for the settings that the search started from.</param>
/// <param name="Losses">On the folds it was tried on, from the first; a candidate that fell out has fewer.</param>
public sealed record Trial<TSettings>(int Number, TSettings Settings, IReadOnlyList<double> Losses)
{
    /// <summary>Mean loss over the folds tried.</summary>
    public double Loss => Losses.Average();
}

/// <summary>How wide a search is.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record HalvingOptions
{
    /// <summary>Share of the candidates that goes on to the next round. Default one third.</summary>
    public double Kept { get; init; } = 1 / 3.0;

    /// <summary>Fewest candidates that reach the last round, if there are as many. Default 2.</summary>
    public int Finalists { get; init; } = 2;

    /// <summary>Candidates tried at the same time; no result depends on it. Default 2.</summary>
    public int SideBySide { get; init; } = 2;
}

/// <summary>Random search that spends little on bad candidates: all are tried on one fold, the better ones on three, the best on all.</summary>
/// <remarks>
/// What is rationed is folds, never trees or rows: a loss on one fold is a fair, if noisy, sample of the loss on all, for slow and fast learners alike. Candidate 0,
/// the settings one starts from, always reaches the end, so that a winner is compared with it on the same folds.
/// </remarks>
/// <seealso href="https://proceedings.mlr.press/v51/jamieson16.html">Jamieson, Talwalkar 2016, Non-stochastic Best Arm Identification and Hyperparameter Optimization</seealso>
public static class SuccessiveHalving
{
    private const int SecondRoundFolds = 3;

    /// <summary>Tries candidates; equal losses give the one that came first.</summary>
    /// <param name="folds">Folds that can be tried, ≥ 1.</param>
    /// <param name="loss">The loss of a candidate, by number, on a fold; called from several threads, once a pair.</param>
    /// <param name="goOn">Asked before each new candidate of the first round: false ends the drawing, not the rounds. Candidate 0 is tried in any case.</param>
    /// <param name="tried">Told of each candidate after each round it was in, in their order.</param>
    /// <returns>All that were tried: those on all folds first, by loss; then the others, by folds reached and loss.</returns>
    /// <exception cref="ArgumentException">No candidate, or no fold.</exception>
    public static IReadOnlyList<Trial<TSettings>> Run<TSettings>(IReadOnlyList<TSettings> candidates, int folds, HalvingOptions options, Func<int, int, double> loss, Func<bool> goOn, Action<Trial<TSettings>> tried, CancellationToken cancel)
    {
        if (candidates.Count == 0) throw new ArgumentException("There is no candidate to try.");
        if (folds < 1) throw new ArgumentException($"folds is {folds}; at least one is needed.");
        var losses = new List<double>[candidates.Count];
        var alive = new List<int>();
        for (var start = 0; start < candidates.Count && (start == 0 || goOn()); start += options.SideBySide)
        {
            List<int> batch = [.. Enumerable.Range(start, Math.Min(options.SideBySide, candidates.Count - start))];
            foreach (var candidate in batch) losses[candidate] = [];
            Round(batch, 0, 1);
            alive.AddRange(batch);
        }
        List<int> seen = [.. alive];
        for (var (done, until) = (1, Math.Min(SecondRoundFolds, folds)); done < folds; (done, until) = (until, folds))
        {
            var kept = Math.Max(options.Finalists, (int)Math.Ceiling(alive.Count * options.Kept));
            alive = [.. alive.OrderBy(c => losses[c].Average()).ThenBy(c => c).Take(kept).Union([0]).Order()];
            Round(alive, done, until);
        }
        return [.. seen.Select(TrialOf).OrderByDescending(t => t.Losses.Count).ThenBy(t => t.Loss).ThenBy(t => t.Number)];

        void Round(List<int> round, int from, int until)
        {
            var width = until - from;
            var found = new double[round.Count * width];
            Parallel.For(0, found.Length, new ParallelOptions { MaxDegreeOfParallelism = options.SideBySide, CancellationToken = cancel }, i => found[i] = loss(round[i / width], from + i % width));
            for (var i = 0; i < found.Length; i++) losses[round[i / width]].Add(found[i]);
            foreach (var candidate in round) tried(TrialOf(candidate));
        }

        Trial<TSettings> TrialOf(int candidate) => new(candidate, candidates[candidate], [.. losses[candidate]]);
    }
}
