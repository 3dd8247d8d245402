using Media.Evaluation;
using Media.Events.Archives;

namespace Media.Tests.Evaluation;

public class HeadlineReplayTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void PriorOfTheModel_LosesLeastWhereWordsTellTheWinner()
    {
        var world = World(240);
        HeadlinePackage[] training = [.. world.Where(p => p.Week < 201430)], test = [.. world.Where(p => p.Week >= 201430)];
        var fit = HeadlineFit.Of(training, Cancel);
        var replay = HeadlineReplay.Of(fit, training, new HeadlineReplayOptions { Pulls = 1_000, MostValidationTests = 20 }, Cancel);
        var regrets = replay.Run(test, fit.Scorer.Score([.. test.Select(p => p.Headline)], Cancel), new BootstrapOptions(), Cancel).ToDictionary(r => r.Policy, r => r.Regret.Value);

        Assert.Equal("headline_prior", replay.Recommended);
        Assert.Equal(["uniform", "ucb1", "thompson", "epsilon_greedy", "bayes_ucb", "headline_prior"], regrets.Keys);
        Assert.All(regrets, r => Assert.True(r.Key == "headline_prior" || r.Value > 3 * regrets["headline_prior"], $"{r}"));
        // Rates 0.08, 0.10, 0.12: uniform loses (0.04 + 0.02 + 0) / 3 a pull.
        Assert.InRange(regrets["uniform"], 18, 22);
    }

    [Fact]
    public void NoTestToPlay_IsRefused()
    {
        var world = World(3);
        var replay = HeadlineReplay.Of(HeadlineFit.Of(world, Cancel), world, new HeadlineReplayOptions(), Cancel);
        HeadlinePackage[] single = [.. world.Take(1)];
        Assert.Equal(0, replay.TestsOf(single));
        Assert.Equal("bayes_ucb", replay.Recommended);
        Assert.Throws<ArgumentException>(() => replay.Run(single, [0], new BootstrapOptions(), Cancel));
        Assert.Throws<ArgumentException>(() => replay.Run(single, [], new BootstrapOptions(), Cancel));
    }

    private static List<HeadlinePackage> World(int tests)
    {
        var random = new Random(1);
        var packages = new List<HeadlinePackage>();
        for (var t = 0; t < tests; t++)
            foreach (var (word, clicks) in (ReadOnlySpan<(string, int)>)[("secret", 1_200), ("story", 1_000), ("report", 800)])
                packages.Add(new HeadlinePackage(packages.Count, $"t{t:d4}", $"The {word} of day {random.Next(100)}", 10_000, clicks, 201410 + t * 24 / tests, "", InRiskWindow: false));
        return packages;
    }
}
