using Media.Events;
using Media.Events.Simulator;

namespace Media.Tests.Events.Simulator;

/// <summary>The true odds of churn and conversion against what readers did, and against many replays of single readers.</summary>
public class LifeTruthTests
{
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(28);

    [Theory]
    [InlineData(1.0, 1)]
    [InlineData(1.0, 2)]
    [InlineData(0.5, 3)]
    [InlineData(0.0, 4)]
    public void Churn_IsCalibrated_OverManyReaders(double signal, int seed)
    {
        var run = new Run(new SimulatorOptions { Users = 5_000, Days = 120, Seed = seed, Signal = signal });
        var (odds, happened) = run.Ask(asOfDay: 90, requireFree: false, run.Truth.ChurnProbability, (starts, from, to) => !starts.Any(s => s.Start >= from && s.Start < to));
        AssertCalibrated(odds, happened);
        Assert.InRange(happened.Average(h => h ? 1.0 : 0), 0.12, 0.36);
    }

    [Theory]
    [InlineData(1.0, 1)]
    [InlineData(1.0, 2)]
    [InlineData(0.5, 3)]
    [InlineData(0.0, 4)]
    public void Conversion_IsCalibrated_OverManyReaders(double signal, int seed)
    {
        var run = new Run(new SimulatorOptions { Users = 5_000, Days = 120, Seed = seed, Signal = signal });
        var (odds, happened) = run.Ask(asOfDay: 90, requireFree: true, run.Truth.ConversionProbability,
            (starts, from, to) => starts.Any(s => s.Subscribes && s.Start >= from && s.Start < to));
        AssertCalibrated(odds, happened);
        if (signal is 0 or 1) Assert.InRange(happened.Average(h => h ? 1.0 : 0), 0.04, 0.13);
    }

    [Fact]
    public void ReadersOfEachSegment_ReplayedManyTimes_BehaveAsTheOddsSay()
    {
        var options = new SimulatorOptions { Users = 200 };
        var readers = Reader.All(options, categories: 1);
        foreach (var reader in readers.Where(r => r.JoinDay == 0).DistinctBy(r => r.Segment))
        {
            const int Replays = 10_000, From = 10, Days = 28, LatestVisit = 5;
            var (quiet, unsold, seen, quietGiven) = (0, 0, 0, 0);
            var isFree = reader.StartTier == SubscriptionTier.Free;
            for (var seed = 1; seed <= Replays; seed++)
            {
                var life = new ReaderLife(reader);
                var (latest, visitsAtFirst, visitsAfter, sold) = (-1, 0, 0, false);
                var changed = false;
                for (var day = 0; day < From + Days; day++)
                {
                    var today = life.Step(seed, day, Reader.WeekdayFactor(options.StartDate.AddDays(day).DayOfWeek));
                    if (day < Days) visitsAtFirst += today.Visits;
                    sold |= day < Days && today.Subscribes >= 0;
                    if (day >= From)
                    {
                        visitsAfter += today.Visits;
                        continue;
                    }
                    if (today.Visits > 0) latest = day;
                    changed |= today.Subscribes >= 0 || today.SignsUp >= 0;
                }
                if (visitsAtFirst == 0) quiet++;
                if (!sold) unsold++;
                if (latest != LatestVisit || changed) continue;
                seen++;
                if (visitsAfter == 0) quietGiven++;
            }
            var odds = new LifeOdds(options, reader, isFree, newsletter: false);
            AssertShare(odds.NoVisit(1, 0, Days), quiet, Replays);
            AssertShare(odds.NoVisit(odds.Reads(LatestVisit, From), From, Days), quietGiven, seen);
            if (isFree) AssertShare(odds.NoSubscription(1, 0, Days), unsold, Replays);
        }
    }

    [Fact]
    public void OneDayByHand_AgreesWithTheRecursion()
    {
        // Latest visit on the day before as-of: reads with 1 − h; then no visit on one day has e^(−λw), and who turned away does not come.
        var options = new SimulatorOptions { Users = 1 };
        var reader = Reader.All(options, categories: 1)[0];
        var lapse = reader.LapsePerDay(free: true, newsletter: false);
        var rate = reader.VisitsPerDay * Reader.WeekdayFactor(options.StartDate.AddDays(8).DayOfWeek);
        var odds = new LifeOdds(options, reader, free: true, newsletter: false);
        Assert.Equal(1 - lapse, odds.Reads(7, 8), 12);
        Assert.Equal((1 - lapse) * Math.Exp(-rate) + lapse, odds.NoVisit(odds.Reads(7, 8), 8, 1), 12);
    }

    [Fact]
    public void NoSignal_GivesEveryReaderTheSameOdds()
    {
        var run = new Run(new SimulatorOptions { Users = 500, Days = 100, Signal = 0 });
        var churn = run.Ask(70, requireFree: false, run.Truth.ChurnProbability, (_, _, _) => false).Odds;
        var conversion = run.Ask(70, requireFree: true, run.Truth.ConversionProbability, (_, _, _) => false).Odds;
        Assert.All(churn, p => Assert.Equal(churn[0], p, 12));
        Assert.All(conversion, p => Assert.Equal(conversion[0], p, 12));
        Assert.InRange(churn[0], 0.2, 0.3);
        Assert.InRange(conversion[0], 0.05, 0.12);
    }

    [Fact]
    public void QuestionsWithoutAnAnswer_AreRefused()
    {
        var options = new SimulatorOptions { Users = 10, Days = 40 };
        var truth = new SimulatedTruth(options);
        var user = truth.Users.First();
        var start = options.StartMicros;
        Assert.Throws<ArgumentException>(() => truth.ChurnProbability(new UserId("reader-0000010"), [start], start + Clock.Day, Horizon));
        Assert.Throws<ArgumentException>(() => truth.ChurnProbability(new UserId("somebody"), [start], start + Clock.Day, Horizon));
        Assert.Throws<ArgumentException>(() => truth.ChurnProbability(user, [], start + Clock.Day, Horizon));
        Assert.Throws<ArgumentException>(() => truth.ChurnProbability(user, [start + 2 * Clock.Day], start + Clock.Day, Horizon));
        Assert.Throws<ArgumentException>(() => truth.ChurnProbability(user, [start], start + Clock.Day + 1, Horizon));
        Assert.Throws<ArgumentException>(() => truth.ConversionProbability(user, [start], start + Clock.Day, TimeSpan.FromHours(5)));
    }

    private static void AssertShare(double probability, int count, int of) =>
        Assert.True(Math.Abs(count - of * probability) < 4 * Math.Sqrt(of * probability * (1 - probability)) + 1e-9, $"{count} of {of}, expected {of * probability:F1}");

    /// <summary>In ten bins of equal size and over all, what happened lies within 4 standard errors of what was foretold.</summary>
    private static void AssertCalibrated(double[] odds, bool[] happened)
    {
        var order = Enumerable.Range(0, odds.Length).OrderBy(i => odds[i]).ToArray();
        foreach (var bin in order.Chunk((odds.Length + 9) / 10).Append(order))
        {
            var expected = bin.Sum(i => odds[i]);
            var error = Math.Sqrt(bin.Sum(i => odds[i] * (1 - odds[i])));
            var z = (bin.Count(i => happened[i]) - expected) / error;
            Assert.True(Math.Abs(z) < 4, $"z = {z:F2} in a bin of {bin.Length} with mean {expected / bin.Length:F3}");
        }
    }

    private delegate double Odds(UserId user, ReadOnlySpan<long> starts, long asOfMicros, TimeSpan horizon);

    /// <summary>One run's visits, without their events.</summary>
    private sealed class Run
    {
        private readonly SimulatorOptions _options;
        private readonly List<(long Start, bool Subscribes)>[] _visits;
        private readonly bool[] _startsFree;

        public Run(SimulatorOptions options)
        {
            _options = options;
            Truth = new SimulatedTruth(options);
            var readers = Reader.All(options, categories: 1);
            _visits = [.. readers.Select(_ => new List<(long, bool)>())];
            _startsFree = [.. readers.Select(r => r.StartTier == SubscriptionTier.Free)];
            var calendar = new Calendar(options, readers);
            var today = new List<Visit>();
            for (var day = 0; day < options.Days; day++)
            {
                today.Clear();
                calendar.NextDay(today);
                foreach (var visit in today) _visits[visit.Reader.Index].Add((visit.StartMicros, visit.Subscribes));
            }
        }

        public SimulatedTruth Truth { get; }

        /// <summary>Asks about all readers who were here in the 28 days before as-of.</summary>
        public (double[] Odds, bool[] Happened) Ask(int asOfDay, bool requireFree, Odds odds, Func<List<(long Start, bool Subscribes)>, long, long, bool> happens)
        {
            var asOf = _options.StartMicros + asOfDay * Clock.Day;
            var (probabilities, happened) = (new List<double>(), new List<bool>());
            for (var reader = 0; reader < _visits.Length; reader++)
            {
                var visits = _visits[reader];
                if (!visits.Any(v => v.Start < asOf && v.Start >= asOf - 28 * Clock.Day)) continue;
                if (requireFree && !(_startsFree[reader] && !visits.Any(v => v.Subscribes && v.Start < asOf))) continue;
                probabilities.Add(odds(Reader.IdOf(reader), [.. visits.Select(v => v.Start)], asOf, Horizon));
                happened.Add(happens(visits, asOf, asOf + 28 * Clock.Day));
            }
            return ([.. probabilities], [.. happened]);
        }
    }
}
