using System.Collections.Concurrent;
using Media.Models.LightGbm;
using Media.Tuning;

namespace Media.Tests.Tuning;

public class SuccessiveHalvingTests
{
    private static readonly HalvingOptions Options = new() { Finalists = 2 };

    [Fact]
    public void BestCandidate_WinsAndOnlyTheBetterOnesSeeEveryFold()
    {
        double[] quality = [0.5, 0.9, 0.1, 0.7, 0.8, 0.3, 0.95, 0.6, 0.4];
        var tried = new ConcurrentBag<(int Candidate, int Fold)>();
        var trials = Run(quality, folds: 5, (c, f) =>
        {
            tried.Add((c, f));
            return quality[c];
        });
        Assert.Equal([2, 5], trials.Where(t => t.Number != 0).Take(2).Select(t => t.Number));
        Assert.Equal(9 + 2 * 4 + 2 * 3, tried.Count);
        Assert.Equal(tried.Count, tried.Distinct().Count());
        Assert.All(trials.Take(3), t => Assert.Equal(5, t.Losses.Count));
        Assert.Equal(9, trials.Count);
    }

    [Fact]
    public void StartingSettings_AlwaysReachTheEnd()
    {
        var trials = Run([9, 1, 2, 3, 4, 5, 6, 7, 8], folds: 5, (c, _) => c == 0 ? 9 : c);
        Assert.Equal(5, trials.Single(t => t.Number == 0).Losses.Count);
        Assert.Equal(1, trials[0].Number);
    }

    [Fact]
    public void LuckOnTheFirstFold_DoesNotWin()
    {
        // Candidate 3 shines on fold 0 only.
        var trials = Run([0, 0, 0, 0], folds: 4, (c, f) => c == 3 ? (f == 0 ? 0 : 1) : 0.5 + c / 100.0);
        Assert.Equal(0, trials[0].Number);
    }

    [Fact]
    public void ExhaustedBudget_EndsTheDrawingNotTheRounds()
    {
        var asked = 0;
        var trials = SuccessiveHalving.Run<int>([.. Enumerable.Range(0, 100)], folds: 3, Options, (c, _) => c, () => ++asked < 4, _ => { }, TestContext.Current.CancellationToken);
        Assert.Equal(8, trials.Count);
        Assert.Equal(3, trials[0].Losses.Count);
    }

    [Fact]
    public void Progress_NamesEveryCandidateOfEveryRound()
    {
        var told = new List<(int, int)>();
        SuccessiveHalving.Run([1, 2, 3, 4, 5, 6], folds: 5, Options, (c, _) => c, () => true, t => told.Add((t.Number, t.Losses.Count)), TestContext.Current.CancellationToken);
        Assert.Equal([(0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (0, 3), (1, 3), (0, 5), (1, 5)], told);
    }

    [Fact]
    public void NothingToTry_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Run([], 3, (_, _) => 0));
        Assert.Throws<ArgumentException>(() => Run([1], 0, (_, _) => 0));
    }

    [Fact]
    public void Space_DrawsTheSameFromTheSameSeedAndWithinItsRanges()
    {
        var space = new TreeSpace();
        var around = new LightGbmParameters { LearningRate = 0.07 };
        var drawn = space.Draw(around, 200, seed: 4);
        Assert.Equal(drawn, space.Draw(around, 200, seed: 4));
        Assert.NotEqual(drawn, space.Draw(around, 200, seed: 5));
        Assert.Equal(around, drawn[0]);
        Assert.All(drawn.Skip(1), p =>
        {
            p.Check();
            Assert.InRange(p.Leaves, 4, 63);
            Assert.InRange(p.RowsPerLeaf, 5, 150);
            Assert.InRange(p.L2, 0.1, 30);
            Assert.Equal(0.07, p.LearningRate);
        });
        Assert.True(drawn.Select(p => p.Leaves).Distinct().Count() > 20);
    }

    private static IReadOnlyList<Trial<double>> Run(double[] candidates, int folds, Func<int, int, double> loss) =>
        SuccessiveHalving.Run(candidates, folds, Options, loss, () => true, _ => { }, TestContext.Current.CancellationToken);
}
