using System.ComponentModel.DataAnnotations;
using Media.Bandit;
using Media.Events.Archives;
using Media.Models;

namespace Media.Evaluation;

/// <summary>How headline tests are played again.</summary>
public sealed record HeadlineReplayOptions
{
    /// <summary>Readers a test. Default 10,000, range 1 – 10,000,000.</summary>
    [Range(1, 10_000_000)] public int Pulls { get; init; } = 10_000;

    /// <summary>Tests to judge on at most; of more, as many are taken evenly from those in order of id. Default 2,000, range 1 – 1,000,000.</summary>
    [Range(1, 1_000_000)] public int MostTests { get; init; } = 2_000;

    /// <summary>Tests to choose the settings by at most, taken in the same way. Default 200, range 1 – 1,000,000.</summary>
    [Range(1, 1_000_000)] public int MostValidationTests { get; init; } = 200;

    /// <summary>Same seed, same figures, whatever the number of cores. Default 1.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>A policy's regret on headline tests.</summary>
/// <param name="Policy">snake_case.</param>
/// <param name="Regret">Expected clicks lost a test, mean over tests, with its interval over tests.</param>
public sealed record HeadlineRegret(string Policy, Estimate Regret);

/// <summary>Policies that choose which headline the next reader sees, tried on measured tests.</summary>
/// <remarks>
/// An arm is a package, its click rate the measured one; a policy is asked <see cref="HeadlineReplayOptions.Pulls"/> times, each click drawn anew. Beside the usual policies stands
/// <c>headline_prior</c>: Bayes-UCB that begins with what the model expects of each headline around the level of past packages. How sure it is of that and how optimistic it
/// acts was chosen on the training's own last weeks by a model that had not seen them, and so was the policy that is recommended. Deterministic; tests run in parallel.
/// </remarks>
public sealed class HeadlineReplay
{
    private static readonly ArmPosterior Flat = new(BetaPosterior.Prior, GammaPosterior.Known(1));

    private readonly IReadOnlyList<Contender> _contenders;
    private readonly HeadlineReplayOptions _options;

    private HeadlineReplay(IReadOnlyList<Contender> contenders, string recommended, HeadlineReplayOptions options) => (_contenders, Recommended, _options) = (contenders, recommended, options);

    /// <summary>The policy with the least regret on the training's own last weeks, headline_prior only where it is less beyond chance; bayes_ucb when there were too few tests to choose by.</summary>
    public string Recommended { get; }

    /// <summary>Settles the policies on training data.</summary>
    /// <param name="training">What <paramref name="fit"/> was fitted on.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static HeadlineReplay Of(HeadlineFit fit, IReadOnlyList<HeadlinePackage> training, HeadlineReplayOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        var level = EmpiricalPrior.Of([.. training.Select(p => (p.Clicks, p.Impressions))]);
        var sureness = (Concentration: level.Alpha + level.Beta, Deviations: 1.5);
        var recommended = "bayes_ucb";
        if (fit.Earlier is { } earlier && Tests(fit.Validation, earlier.Score([.. fit.Validation.Select(p => p.Headline)], cancel), options.MostValidationTests) is { Count: > 0 } tests)
        {
            var asked = (from factor in (double[])[0.25, 1] from deviations in (double[])[1, 1.5, 2] select (Concentration: factor * sureness.Concentration, Deviations: deviations)).ToArray();
            var regrets = asked.Select(a => Mean(tests, WithPrior(level, a.Concentration, a.Deviations), options, cancel)).ToArray();
            sureness = asked[Array.IndexOf(regrets, regrets.Min())];
            // The settings above were chosen on these very tests, so their advantage must be beyond its own noise.
            var usual = Usual().Select(c => (c.Name, Regrets: Regrets(tests, c, options, cancel))).MinBy(c => c.Regrets.Average());
            var mine = Regrets(tests, WithPrior(level, sureness.Concentration, sureness.Deviations), options, cancel);
            recommended = MeanInterval.Of([.. usual.Regrets.Zip(mine, (theirs, own) => theirs - own)]).Low > 0 ? "headline_prior" : usual.Name;
        }
        return new HeadlineReplay([.. Usual(), WithPrior(level, sureness.Concentration, sureness.Deviations)], recommended, options);
    }

    /// <summary>Every policy's regret on tests with at least two different headlines.</summary>
    /// <param name="scores">The fitted scorer's, one per package.</param>
    /// <exception cref="ArgumentException">No such test, or another number of scores than packages.</exception>
    public IReadOnlyList<HeadlineRegret> Run(IReadOnlyList<HeadlinePackage> packages, IReadOnlyList<double> scores, BootstrapOptions bootstrap, CancellationToken cancel)
    {
        if (scores.Count != packages.Count) throw new ArgumentException($"scores has {scores.Count} entries but there are {packages.Count} packages.");
        var tests = Tests(packages, scores, _options.MostTests);
        if (tests.Count == 0) throw new ArgumentException("No test has two different headlines that were shown: there is nothing to play.");
        double[] ones = [.. tests.Select(_ => 1.0)];
        return [.. _contenders.Select(c => new HeadlineRegret(c.Name, RatioOfSums.Of(Regrets(tests, c, _options, cancel), ones, bootstrap, cancel)))];
    }

    /// <summary>How many tests of these packages are played.</summary>
    public int TestsOf(IReadOnlyList<HeadlinePackage> packages) => Tests(packages, new double[packages.Count], _options.MostTests).Count;

    private static Contender[] Usual() =>
    [
        new("uniform", arms => new UniformPolicy(arms.Length)),
        new("ucb1", arms => new Ucb1(arms.Length, new Ucb1Options())),
        new("thompson", arms => new ThompsonSampling(arms.Length, new ThompsonOptions { MinPropensity = 0, UpdatesPerVersion = 200, Prior = Flat })),
        new("epsilon_greedy", arms => new EpsilonGreedy(arms.Length)),
        new("bayes_ucb", arms => new BayesUcb(arms.Length, new BayesUcbOptions { Prior = Flat })),
    ];

    private static Contender WithPrior(BetaPosterior level, double concentration, double deviations) => new("headline_prior", arms =>
    {
        var middle = arms.Average(a => a.Score);
        return new BayesUcb([.. arms.Select(a =>
        {
            var expected = Math.Clamp(level.Mean * Math.Exp(a.Score - middle), 1e-6, 1 - 1e-6);
            // On top of the flat prior, not in its place: its optimism has every headline shown often enough that a winner by chance is found out.
            return Flat with { Click = new BetaPosterior(1 + expected * concentration, 1 + (1 - expected) * concentration) };
        })], new BayesUcbOptions { Deviations = deviations });
    });

    private static List<Arm[]> Tests(IReadOnlyList<HeadlinePackage> packages, IReadOnlyList<double> scores, int most)
    {
        List<Arm[]> tests = [.. Enumerable.Range(0, packages.Count).Where(i => packages[i].Impressions > 0).GroupBy(i => packages[i].TestId, StringComparer.Ordinal)
            .Where(test => test.DistinctBy(i => packages[i].Headline).Skip(1).Any()).OrderBy(test => test.Key, StringComparer.Ordinal)
            .Select(test => test.OrderBy(i => packages[i].Index).Select(i => new Arm(packages[i].ClickRate, scores[i])).ToArray())];
        return tests.Count <= most ? tests : [.. Enumerable.Range(0, most).Select(i => tests[(int)((long)i * tests.Count / most)])];
    }

    private static double Mean(List<Arm[]> tests, Contender contender, HeadlineReplayOptions options, CancellationToken cancel) => Regrets(tests, contender, options, cancel).Average();

    private static double[] Regrets(List<Arm[]> tests, Contender contender, HeadlineReplayOptions options, CancellationToken cancel)
    {
        // Adjacent seeds of System.Random give related streams; seeds drawn from one stream do not.
        var seeder = new Random(options.Seed);
        int[] seeds = [.. tests.Select(_ => seeder.Next())];
        var regrets = new double[tests.Count];
        Parallel.For(0, tests.Count, new ParallelOptions { CancellationToken = cancel }, i =>
            regrets[i] = ClickReplay.Regret(contender.Policy(tests[i]), [.. tests[i].Select(a => a.ClickRate)], options.Pulls, new Random(seeds[i]), cancel));
        return regrets;
    }

    private readonly record struct Arm(double ClickRate, double Score);

    /// <summary>A policy made anew for each test.</summary>
    private sealed record Contender(string Name, Func<Arm[], IBanditPolicy> Policy);
}
