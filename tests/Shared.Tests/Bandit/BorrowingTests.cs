using Media.Bandit;

namespace Media.Tests.Bandit;

public class BorrowingTests
{
    [Fact]
    public void ContextsThatAgree_ShareAll()
    {
        ArmEvidence[] contexts = [.. Enumerable.Range(0, 6).Select(_ => new ArmEvidence(4_000, 200, 100))];
        Assert.Equal(new Borrowing(double.PositiveInfinity, double.PositiveInfinity), Borrowing.Likeliest(ArmPosterior.Prior, contexts));
    }

    [Fact]
    public void ContextsThatDiffer_ShareLittle()
    {
        ArmEvidence[] contexts = [new(4_000, 40, 4), new(4_000, 400, 400), new(4_000, 1_200, 120), new(4_000, 3_000, 9_000)];
        var likeliest = Borrowing.Likeliest(ArmPosterior.Prior, contexts);
        Assert.InRange(likeliest.MostDecisions, 0, 30);
        Assert.InRange(likeliest.MostClicks, 0, 30);
    }

    [Fact]
    public void NothingKnown_SharesAll() => Assert.Equal(double.PositiveInfinity, Borrowing.Likeliest(ArmPosterior.Prior, [default, default]).MostDecisions);

    [Fact]
    public void Prior_CountsAtMostTheCaps()
    {
        // 50 clicks in 1,000 decisions, cut to 100 decisions: 5 clicks, 95 misses; the clicks' revenue cut to 10 of 50: 4 of 20 USD.
        var prior = new Borrowing(100, 10).Prior(new ArmPosterior(new BetaPosterior(1, 1), new GammaPosterior(2, 1, 1)), new ArmEvidence(1_000, 50, 20));
        Assert.Equal((6.0, 96.0), (prior.Click.Alpha, prior.Click.Beta));
        Assert.Equal((12.0, 5.0), (prior.Revenue.Shape, prior.Revenue.Rate));
    }
}
