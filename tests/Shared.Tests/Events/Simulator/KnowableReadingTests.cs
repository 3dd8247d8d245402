using Media.Events;
using Media.Events.Simulator;

namespace Media.Tests.Events.Simulator;

/// <summary>Readers meet articles by the simulator's own odds; what the habits then believe is held against the truth.</summary>
public sealed class KnowableReadingTests
{
    private static readonly SimulatorOptions Options = new() { Users = 200, Days = 30, Seed = 3 };
    private static readonly SimulatedTruth Truth = new(Options);
    private static readonly Lazy<string[]> Articles = new(() => [.. new EventSimulator(Options).Events().OfType<ArticleImpression>().Select(e => e.Article!.ArticleId).Distinct().Take(60)]);

    /// <summary>A posterior mean is right on average: probabilities come true, and the truth rises by 1 where a belief about time does.</summary>
    [Fact]
    public void Beliefs_AreTheTruthOnAverage()
    {
        var (clicks, times) = Meet(rounds: 40);
        Assert.InRange(clicks.Average(c => c.Known) / clicks.Average(c => c.Truth), 0.95, 1.05);
        Assert.InRange(Slope(clicks), 0.9, 1.1);
        Assert.InRange(Slope(times), 0.9, 1.1);
    }

    [Fact]
    public void MoreMeetings_TellMore()
    {
        var (few, fewTimes) = Meet(rounds: 2);
        var (many, manyTimes) = Meet(rounds: 40);
        Assert.True(Error(many) < 0.75 * Error(few), $"{Error(many):F5} after many, {Error(few):F5} after few");
        Assert.True(Error(manyTimes) < 0.75 * Error(fewTimes), $"{Error(manyTimes):F5} after many, {Error(fewTimes):F5} after few");
    }

    /// <summary>Each reader meets so many articles, reads some of them; then every reader is asked about every other article.</summary>
    private static (List<(double Known, double Truth)> Clicks, List<(double Known, double Truth)> Times) Meet(int rounds)
    {
        var random = new Random(11);
        var habits = Truth.KnowableReading();
        UserId[] readers = [.. Enumerable.Range(0, Options.Users).Select(Reader.IdOf)];
        for (var round = 0; round < rounds; round++)
            foreach (var reader in readers)
            {
                var article = Articles.Value[random.Next(Articles.Value.Length)];
                var clicked = random.NextDouble() < Truth.ClickProbability(reader, article, round % 5, Surface.Home);
                habits.LearnOffer(reader, article, round % 5, Surface.Home, clicked);
                var dwell = Truth.Dwell(reader, article);
                if (clicked) habits.LearnTime(reader, article, Math.Exp(dwell.MeanLogMs + dwell.SdLog * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())) / 1_000);
            }
        var asked = readers.SelectMany(_ => Articles.Value.Where((_, i) => i % 2 == 0), (reader, article) => (reader, article)).ToList();
        return ([.. asked.Select(a => (habits.ClickProbability(a.reader, a.article, 0, Surface.Home), Truth.ClickProbability(a.reader, a.article, 0, Surface.Home)))],
            [.. asked.Select(a => (habits.MeanLogMs(a.reader, a.article), Truth.Dwell(a.reader, a.article).MeanLogMs))]);
    }

    private static double Error(List<(double Known, double Truth)> pairs) => pairs.Average(p => (p.Known - p.Truth) * (p.Known - p.Truth));

    private static double Slope(List<(double Known, double Truth)> pairs)
    {
        var (known, truth) = (pairs.Average(p => p.Known), pairs.Average(p => p.Truth));
        return pairs.Average(p => (p.Known - known) * (p.Truth - truth)) / pairs.Average(p => (p.Known - known) * (p.Known - known));
    }
}
