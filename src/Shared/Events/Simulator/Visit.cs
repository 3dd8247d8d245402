namespace Media.Events.Simulator;

/// <summary>One session before it is told: who, when, where, how long, and what it leads to.</summary>
/// <remarks>
/// A reader's visits of a day never cross midnight UTC, and lie so far apart that even at their longest more than 30 minutes stay between them:
/// each visit is exactly one session.
/// </remarks>
/// <param name="Number">of this reader's visits, from 1</param>
/// <param name="StartMicros">µs since the Unix epoch: the time of its first event</param>
/// <param name="Rounds">1 … <see cref="Reader.MostRounds"/> pages of offers</param>
/// <param name="Lands">It begins on an article that someone linked to.</param>
/// <param name="Tier">before the visit</param>
internal readonly record struct Visit(
    Reader Reader, int Number, long StartMicros, int Brand, int Device, int Rounds, bool Lands, Referrer Referrer, SubscriptionTier Tier, bool Subscribes, bool SignsUp)
{
    /// <summary>What is left free between a visit at its longest and the next.</summary>
    public const long Distance = 45 * Clock.Minute;

    /// <summary>No visit of so many rounds lasts longer, µs.</summary>
    public static long Longest(int rounds) => (25 + 10 * rounds) * Clock.Minute;

    /// <summary>Offers in a round: the first one is a front page.</summary>
    public static int Offers(int round) => round == 0 ? MostOffers : 2;

    public const int MostOffers = 3;

    /// <summary>Where the first round is shown.</summary>
    public Surface FirstSurface => Referrer == Referrer.Newsletter ? Surface.Newsletter : Surface.Home;

    private const double LandsProbability = 0.45;

    /// <summary>How a visit comes about, with or without a landing article.</summary>
    private static Referrer ComesFrom(bool lands, bool newsletter, ref Draws draws) => lands
        ? draws.Pick([0.50, 0.18, 0.10, 0.08, 0.05, 0.05, 0.04]) switch
        {
            0 => Referrer.Google, 1 => Referrer.Facebook, 2 => Referrer.Twitter, 3 => Referrer.Reddit, 4 => Referrer.Linkedin, 5 => Referrer.Bing, _ => Referrer.Other,
        }
        : newsletter && draws.Chance(0.3) ? Referrer.Newsletter : draws.Chance(0.85) ? Referrer.Direct : Referrer.Internal;

    /// <summary>Of visits in order of their days, those that start in [from, to).</summary>
    public static IEnumerable<Visit> Between(Visit[] byDay, long fromMicros, long toMicros)
    {
        // A day's visits are in order of readers, not of hours: look from a day before to a day after.
        var (low, high) = (0, byDay.Length);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (byDay[middle].StartMicros < fromMicros - Clock.Day) low = middle + 1;
            else high = middle;
        }
        for (var i = low; i < byDay.Length && byDay[i].StartMicros < toMicros + Clock.Day; i++)
            if (byDay[i].StartMicros >= fromMicros && byDay[i].StartMicros < toMicros) yield return byDay[i];
    }

    /// <summary>Lays one reader's visits into one day.</summary>
    /// <param name="dayMicros">Midnight at which the day begins.</param>
    /// <param name="before">The reader's life up to the morning.</param>
    /// <param name="life">What the day brings.</param>
    /// <param name="freeFrom">First instant at which this reader may come again; moved on.</param>
    /// <param name="into">Receives them in time order.</param>
    public static void Plan(SimulatorOptions options, Reader reader, int day, long dayMicros, in ReaderLife before, LifeDay life,
        ref long freeFrom, List<Visit> into)
    {
        Span<long> starts = stackalloc long[Reader.MostVisitsPerDay];
        Span<int> rounds = stackalloc int[Reader.MostVisitsPerDay];
        var count = life.Visits;
        starts = starts[..count];
        var draws = new Draws(options.Seed, DrawsFor.Visit, reader.Index, day);
        for (var i = 0; i < count; i++)
        {
            var local = draws.Chance(0.6) ? reader.PeakHour + 1.5 * draws.Normal() : DayHour(ref draws);
            var utc = local - reader.Place.UtcOffsetHours;
            starts[i] = dayMicros + Math.Min((long)((utc - 24 * Math.Floor(utc / 24)) * Clock.Hour), Clock.Day - 1);
            rounds[i] = 1 + draws.Poisson(reader.ExtraRounds, Reader.MostRounds - 1);
        }
        starts.Sort();
        for (var i = 0; i < count; i++)
        {
            starts[i] = Math.Max(starts[i], freeFrom);
            freeFrom = starts[i] + Longest(rounds[i]) + Distance;
        }
        var end = dayMicros + Clock.Day;
        for (var i = count - 1; i >= 0; i--)
        {
            starts[i] = Math.Min(starts[i], end - Longest(rounds[i]));
            end = starts[i] - Distance;
        }
        if (count > 0) freeFrom = starts[count - 1] + Longest(rounds[count - 1]) + Distance;

        for (var i = 0; i < count; i++)
        {
            var brand = draws.Chance(reader.Loyalty) ? reader.HomeBrand : (reader.HomeBrand + 1 + draws.Below(options.Brands.Count - 1)) % options.Brands.Count;
            var device = draws.Chance(0.85) ? reader.MainDevice : draws.Pick(Events.Simulator.Device.Weights);
            var lands = draws.Chance(LandsProbability);
            var newsletter = before.HasNewsletter || (life.SignsUp >= 0 && i > life.SignsUp);
            var referrer = ComesFrom(lands, newsletter, ref draws);
            var tier = life.Subscribes >= 0 && i > life.Subscribes ? reader.NextTier : before.Tier;
            into.Add(new Visit(reader, before.Visits + i + 1, starts[i], brand, device, rounds[i], lands, referrer, tier, i == life.Subscribes, i == life.SignsUp));
        }
    }

    /// <summary>Local hour of a visit outside the habit: morning, noon, evening, and a thin spread over the day.</summary>
    private static double DayHour(ref Draws draws) => draws.Pick([0.25, 0.25, 0.35, 0.15]) switch
    {
        0 => 8 + 1.5 * draws.Normal(),
        1 => 13 + 2 * draws.Normal(),
        2 => 20 + 2 * draws.Normal(),
        _ => 24 * draws.Unit(),
    };
}
