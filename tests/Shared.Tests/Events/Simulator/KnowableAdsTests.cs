using Media.Events;
using Media.Events.Simulator;

namespace Media.Tests.Events.Simulator;

public sealed class KnowableAdsTests
{
    private static readonly SimulatorOptions Options = new() { Users = 3_000, Days = 60, Seed = 5 };
    private static readonly SimulatedTruth Truth = new(Options);
    private static readonly Reader[] Readers = Reader.All(Options, 8);

    /// <summary>A posterior mean is right on average at each of its values: the truth rises by 1 where it rises by 1.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    public void WhatIsKnowable_IsTheTruthOnAverage(int visits)
    {
        var (known, truth) = Draw(visits);
        Assert.InRange(known.Average() / truth.Average(), 0.97, 1.03);
        Assert.InRange(Covariance(known, truth) / Covariance(known, known), 0.9, 1.1);
    }

    [Fact]
    public void MoreVisits_TellMore()
    {
        var (few, truth) = Draw(1);
        var (many, _) = Draw(60);
        Assert.True(Covariance(many, many) > 1.5 * Covariance(few, few), "Sixty visits tell readers apart no better than one.");
        Assert.True(Covariance(many, many) < Covariance(truth, truth), "More is known than there is to know.");
    }

    private static (double[] Known, double[] Truth) Draw(int visits)
    {
        var random = new Random(7);
        var (known, truth) = (new double[Readers.Length], new double[Readers.Length]);
        foreach (var reader in Readers)
        {
            var (ads, clicks) = (new int[visits], 0);
            for (var visit = 0; visit < visits; visit++)
            {
                var u = random.NextDouble();
                ads[visit] = 1;
                while (ads[visit] < Reader.MostRounds && (u -= Odds.ProbabilityOfRounds(reader.ExtraRounds, ads[visit])) > 0) ads[visit]++;
                for (var ad = 0; ad < ads[visit]; ad++)
                    if (random.NextDouble() < Odds.AdClick(reader, (AdSlot)random.Next(5), Options.Signal)) clicks++;
            }
            known[reader.Index] = Truth.KnowableAdRevenueUsd(reader.Segment, ads, clicks);
            truth[reader.Index] = Truth.AdRevenue(reader.UserId).MeanUsd;
        }
        return (known, truth);
    }

    private static double Covariance(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        return a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Average();
    }
}
