namespace Media.Events.Simulator;

/// <summary>What one day brought.</summary>
/// <param name="Visits">0 … <see cref="Reader.MostVisitsPerDay"/></param>
/// <param name="Subscribes">Index of the visit that ends in a subscription; −1 = none.</param>
internal readonly record struct LifeDay(int Visits, int Subscribes);

/// <summary>The course of one reader's days: a reader or turned away, free or paying.</summary>
/// <remarks>
/// The whole of churn and conversion is here: while a reader, visits a day are Poisson (cut at the most that fit), each visit of a free one ends in a
/// subscription with a constant probability, and at the day's end the reader turns away with a constant one; who turned away returns at a small rate.
/// <see cref="SimulatedTruth"/> inverts exactly these lines. A value type; step it through the days in order.
/// </remarks>
internal struct ReaderLife(Reader reader)
{
    private bool _reads = true;

    public SubscriptionTier Tier { get; private set; } = reader.StartTier;

    /// <summary>Visits so far.</summary>
    public int Visits { get; private set; }

    public LifeDay Step(int seed, int day, double weekdayFactor)
    {
        if (day < reader.JoinDay) return new LifeDay(0, -1);
        var draws = new Draws(seed, DrawsFor.Life, reader.Index, day);
        if (!_reads)
        {
            _reads = draws.Chance(reader.ReturnPerDay);
            return new LifeDay(0, -1);
        }
        var visits = draws.Poisson(reader.VisitsPerDay * weekdayFactor, Reader.MostVisitsPerDay);
        if (day == reader.JoinDay && day > 0) visits = Math.Max(1, visits);
        var subscribes = -1;
        if (Tier == SubscriptionTier.Free)
            for (var visit = 0; visit < visits && subscribes < 0; visit++)
                if (draws.Chance(reader.SubscribePerVisit)) subscribes = visit;
        if (subscribes >= 0) Tier = reader.NextTier;
        Visits += visits;
        _reads = !draws.Chance(Tier == SubscriptionTier.Free ? reader.LapsePerDayFree : reader.LapsePerDayPaid);
        return new LifeDay(visits, subscribes);
    }
}
