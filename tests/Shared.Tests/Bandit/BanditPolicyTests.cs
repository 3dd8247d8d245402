using Media.Bandit;

namespace Media.Tests.Bandit;

/// <summary>What every policy promises, run over each.</summary>
public class BanditPolicyTests
{
    public static TheoryData<string> Policies => [.. Make.Keys];

    private static readonly Dictionary<string, Func<IBanditPolicy>> Make = new()
    {
        ["uniform"] = () => new UniformPolicy(5),
        ["epsilon_greedy_0.1"] = () => new EpsilonGreedy(5),
        ["ucb1"] = () => new Ucb1(5, new Ucb1Options { MinPropensity = 0.01 }),
        ["bayes_ucb_1.5"] = () => new BayesUcb(5, new BayesUcbOptions { MinPropensity = 0.01 }),
        ["thompson_sampling"] = () => new ThompsonSampling(5, new ThompsonOptions()),
        ["discounted_thompson_0.999"] = () => new ThompsonSampling(5, new ThompsonOptions { Discount = 0.999 }),
        ["contextual_thompson"] = () => new InOneContext(new ContextualThompson(5, new ThompsonOptions())),
    };

    [Theory, MemberData(nameof(Policies))]
    public void Name_IsAsLogged(string name) => Assert.Equal(name, Make[name]().Name);

    [Theory, MemberData(nameof(Policies))]
    public void LoggedPropensities_MatchDraws_ByChiSquare(string name)
    {
        var policy = Learned(name);
        const int draws = 200_000;
        var counts = new int[5];
        var random = new Random(7);
        for (var i = 0; i < draws; i++)
        {
            var decision = policy.Choose(random);
            counts[decision.Arm]++;
            Assert.Equal(policy.Propensities[decision.Arm], decision.Propensity);
        }
        var chiSquare = 0.0;
        for (var a = 0; a < 5; a++) chiSquare += Math.Pow(counts[a] - draws * policy.Propensities[a], 2) / (draws * policy.Propensities[a]);
        // 99.9 % quantile of χ² with 4 degrees of freedom (NIST/SEMATECH e-Handbook, table 1.3.6.7.4).
        Assert.InRange(chiSquare, 0, 18.467);
    }

    [Theory, MemberData(nameof(Policies))]
    public void Propensities_SumToOneAndLeaveNoArmOut(string name)
    {
        var policy = Learned(name);
        Assert.Equal(1, policy.Propensities.Sum(), 1e-12);
        Assert.All(policy.Propensities, p => Assert.True(p >= 0.01));
    }

    [Theory, MemberData(nameof(Policies))]
    public void BeforeAnyReward_EveryArmAlike(string name) => Assert.All(Make[name]().Propensities, p => Assert.Equal(0.2, p, 1e-12));

    [Theory, MemberData(nameof(Policies))]
    public void WithinAVersion_PropensitiesStandStill(string name)
    {
        var policy = Make[name]();
        var random = new Random(8);
        var seen = new Dictionary<(long Version, int Arm), double>();
        for (var i = 0; i < 5_000; i++)
        {
            var decision = policy.Choose(random);
            if (!seen.TryAdd((decision.PolicyVersion, decision.Arm), decision.Propensity)) Assert.Equal(seen[(decision.PolicyVersion, decision.Arm)], decision.Propensity);
            var clicked = random.NextDouble() < 0.02 * (decision.Arm + 1);
            policy.Update(decision.Arm, clicked, clicked ? 0.5 : 0);
        }
    }

    [Theory, MemberData(nameof(Policies))]
    public void SameSeedAndRewards_SameChoices(string name) => Assert.Equal(Choices(name), Choices(name));

    [Theory, MemberData(nameof(Policies))]
    public void ImpossibleReward_IsRefused(string name)
    {
        var policy = Make[name]();
        Assert.Throws<ArgumentOutOfRangeException>(() => policy.Update(5, false, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => policy.Update(-1, false, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => policy.Update(0, true, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => policy.Update(0, true, -0.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => policy.Update(0, true, double.PositiveInfinity));
        Assert.Throws<ArgumentException>(() => policy.Update(0, false, 1));
    }

    [Theory, MemberData(nameof(Policies))]
    public void ChoosingBesideLearning_NeverMixesVersions(string name)
    {
        var policy = Make[name]();
        var faults = 0;
        Parallel.For(0, 4, worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 5_000; i++)
            {
                var decision = policy.Choose(random);
                if (decision.Propensity is not (> 0 and <= 1) || Math.Abs(policy.Propensities.Sum() - 1) > 1e-9) Interlocked.Increment(ref faults);
                policy.Update(decision.Arm, i % 7 == 0, i % 7 == 0 ? 0.3 : 0);
            }
        });
        Assert.Equal(0, faults);
    }

    private static IBanditPolicy Learned(string name)
    {
        var policy = Make[name]();
        var random = new Random(9);
        for (var i = 0; i < 2_000; i++)
        {
            var clicked = random.NextDouble() < 0.03 + 0.005 * (i % 5);
            policy.Update(i % 5, clicked, clicked ? random.NextDouble() : 0);
        }
        return policy;
    }

    private static List<Decision> Choices(string name)
    {
        var policy = Make[name]();
        var random = new Random(10);
        return [.. Enumerable.Range(0, 500).Select(_ => policy.Choose(random))];
    }

    /// <summary>A contextual policy keeps a plain one's promises in a context of its own, here beside one that others learn in.</summary>
    private sealed class InOneContext(ContextualThompson policy) : IBanditPolicy
    {
        public string Name => policy.Name;
        public int Arms => policy.Arms;
        public IReadOnlyList<double> Propensities => policy.Propensities("casual");
        public long PolicyVersion => policy.PolicyVersion("casual");
        public Decision Choose(Random random) => policy.Choose("casual", random);
        public void Update(int arm, bool clicked, double revenueUsd)
        {
            policy.Update("casual", arm, clicked, revenueUsd);
            policy.Update("engaged", (arm + 1) % Arms, clicked, revenueUsd);
        }
    }
}
