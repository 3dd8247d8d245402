using Media.Bandit;

namespace Media.Tests.Bandit;

public class BestArmTests
{
    public static TheoryData<string, double[]> Worlds => new()
    {
        // Per arm: α, β, shape, rate.
        { "one click in few decisions", [2, 9, 3, 1.7, 1, 12, 2, 1, 3, 8, 4, 1.2, 1, 1, 2, 1, 1, 30, 2, 1] },
        { "hundreds of decisions", [11, 400, 12, 9, 21, 390, 22, 12, 17, 420, 18, 16, 8, 200, 9, 12, 30, 800, 31, 25] },
        { "a million decisions beside a fresh arm", [20_000, 980_000, 20_001, 10_000, 20_100, 980_000, 20_101, 10_060, 1, 1, 2, 1, 5, 300, 6, 2, 19_900, 979_000, 19_901, 9_990] },
        { "flat priors below one", [0.5, 0.5, 1.5, 1, 0.5, 2.5, 1.5, 3, 0.2, 0.9, 1.1, 0.4, 0.5, 0.5, 4, 1, 2, 0.3, 1.2, 0.1] },
    };

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Probabilities_AgreeWithDirectThompsonDraws(string world, double[] parameters)
    {
        ArmPosterior[] arms = [.. parameters.Chunk(4).Select(p => new ArmPosterior(new BetaPosterior(p[0], p[1]), new GammaPosterior(p[2], p[3], 1)))];
        const int draws = 200_000;
        var random = new Random(6);
        var wins = new int[arms.Length];
        for (var i = 0; i < draws; i++)
        {
            var (best, top) = (0, double.NegativeInfinity);
            for (var a = 0; a < arms.Length; a++)
            {
                var value = arms[a].SampleValue(random);
                if (value > top) (best, top) = (a, value);
            }
            wins[best]++;
        }
        var probabilities = BestArm.Probabilities(arms);
        for (var a = 0; a < arms.Length; a++)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{world}, arm {a}: {probabilities[a]:0.0000} against {wins[a] / (double)draws:0.0000} drawn");
            // 0.003 of our own and four standard errors of the draws.
            Assert.Equal(wins[a] / (double)draws, probabilities[a], 0.003 + 4 * Math.Sqrt(0.25 / draws));
        }
    }

    [Fact]
    public void TwoClickRates_WithRevenueKnown_EqualClosedForm()
    {
        // P(B > A) for Beta(αA, βA), Beta(αB, βB) with whole αB: Σ_{i<αB} B(αA + i, βA + βB) / ((βB + i) B(1 + i, βB) B(αA, βA)) (Miller 2015, "Formulas for Bayesian A/B Testing").
        var (alphaA, betaA, alphaB, betaB) = (21.0, 481.0, 31.0, 471.0);
        var exact = 0.0;
        for (var i = 0; i < alphaB; i++)
            exact += Math.Exp(LogBeta(alphaA + i, betaA + betaB) - Math.Log(betaB + i) - LogBeta(1 + i, betaB) - LogBeta(alphaA, betaA));
        var known = new GammaPosterior(1e12, 1e12, 1);

        var best = BestArm.Probabilities([new ArmPosterior(new BetaPosterior(alphaA, betaA), known), new ArmPosterior(new BetaPosterior(alphaB, betaB), known)]);

        Assert.Equal(exact, best[1], 0.001);
        Assert.Equal(1 - exact, best[0], 0.001);
    }

    [Fact]
    public void EqualArms_ShareEvenly()
    {
        foreach (var p in BestArm.Probabilities([.. Enumerable.Repeat(ArmPosterior.Prior, 34)])) Assert.Equal(1.0 / 34, p, 1e-12);
    }

    [Fact]
    public void OneArm_IsCertain() => Assert.Equal([1.0], BestArm.Probabilities([ArmPosterior.Prior]));

    private static double LogBeta(double a, double b) => LogFactorial(a - 1) + LogFactorial(b - 1) - LogFactorial(a + b - 1);

    private static double LogFactorial(double n)
    {
        var sum = 0.0;
        for (var k = 2; k <= n; k++) sum += Math.Log(k);
        return sum;
    }
}
