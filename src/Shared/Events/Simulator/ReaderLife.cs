namespace Media.Events.Simulator;

/// <summary>What one day brought.</summary>
/// <param name="Visits">0 … <see cref="Reader.MostVisitsPerDay"/></param>
/// <param name="Subscribes">Index of the visit that ends in a subscription; −1 = none.</param>
/// <param name="SignsUp">Index of the visit that signs up for a newsletter; −1 = none.</param>
internal readonly record struct LifeDay(int Visits, int Subscribes, int SignsUp)
{
    public static readonly LifeDay Away = new(0, -1, -1);
}

/// <summary>The course of one reader's days: reads or turned away, free or paying, with or without newsletter.</summary>
/// <remarks>
/// The whole of churn and conversion is here. While one reads, visits a day are Poisson (cut at the most that fit); each visit of a free reader ends in a
/// subscription with one probability and each without newsletter signs up with another; at the day's end the reader turns away with a third, and who turned
/// away returns at a small rate. <see cref="LifeOdds"/> inverts exactly these lines. A value type; step it through the days in order.
/// </remarks>
internal struct ReaderLife(Reader reader)
{
    private bool _reads = true;

    public SubscriptionTier Tier { get; private set; } = reader.StartTier;
    public bool HasNewsletter { get; private set; }

    /// <summary>Visits so far.</summary>
    public int Visits { get; private set; }

    private readonly bool IsFree => Tier == SubscriptionTier.Free;

    public LifeDay Step(int seed, int day, double weekdayFactor)
    {
        if (day < reader.JoinDay) return LifeDay.Away;
        var draws = new Draws(seed, DrawsFor.Life, reader.Index, day);
        if (!_reads)
        {
            _reads = draws.Chance(Reader.ReturnPerDay(HasNewsletter));
            return LifeDay.Away;
        }
        var visits = draws.Poisson(reader.VisitsPerDay * weekdayFactor, Reader.MostVisitsPerDay);
        if (day == reader.JoinDay && day > 0) visits = Math.Max(1, visits);
        var (subscribes, signsUp) = (-1, -1);
        for (var visit = 0; visit < visits; visit++)
        {
            if (IsFree && draws.Chance(reader.SubscribePerVisit(HasNewsletter))) (Tier, subscribes) = (reader.NextTier, visit);
            if (!HasNewsletter && draws.Chance(reader.SignUpPerVisit)) (HasNewsletter, signsUp) = (true, visit);
        }
        Visits += visits;
        _reads = !draws.Chance(reader.LapsePerDay(IsFree, HasNewsletter));
        return new LifeDay(visits, subscribes, signsUp);
    }
}
