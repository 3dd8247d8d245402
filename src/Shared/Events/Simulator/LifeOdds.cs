namespace Media.Events.Simulator;

/// <summary>The exact odds of a reader's next days, given the days seen so far: <see cref="ReaderLife"/> inverted.</summary>
/// <remarks>
/// A hidden Markov model of two states, reads or turned away. A visit proves that the reader reads, so only the days since the latest one are in doubt: the
/// filter weighs "reads but did not come" against "turned away", then the same chain runs on to the horizon, keeping only the mass in which the event does
/// not happen. Pure, thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1109/5.18626">Rabiner 1989, A tutorial on hidden Markov models, §III.A (the forward procedure)</seealso>
/// <param name="lapse">Probability of turning away at the end of a day, at the present tier.</param>
internal readonly struct LifeOdds(SimulatorOptions options, Reader reader, double lapse)
{
    /// <summary>Probability that the reader reads on the morning of <paramref name="asOfDay"/>, the latest visit being on <paramref name="latestDay"/>.</summary>
    public double Reads(int latestDay, int asOfDay)
    {
        var reads = 1 - lapse;
        for (var day = latestDay + 1; day < asOfDay; day++)
        {
            var quiet = reads * Math.Exp(-Rate(day));
            var still = quiet / (quiet + 1 - reads);
            reads = still * (1 - lapse) + (1 - still) * reader.ReturnPerDay;
        }
        return reads;
    }

    /// <summary>Probability of no visit on any of the days, beginning with this probability to read.</summary>
    public double NoVisit(double reads, int fromDay, int days)
    {
        var (on, off) = (reads, 1 - reads);
        for (var day = fromDay; day < fromDay + days; day++) (on, off) = Step(on * Math.Exp(-Rate(day)), off);
        return on + off;
    }

    /// <summary>Probability that no visit on any of the days ends in a subscription, beginning with this probability to read.</summary>
    public double NoSubscription(double reads, int fromDay, int days)
    {
        var (on, off) = (reads, 1 - reads);
        for (var day = fromDay; day < fromDay + days; day++) (on, off) = Step(on * NoneSubscribes(Rate(day)), off);
        return on + off;
    }

    private (double On, double Off) Step(double on, double off) =>
        (on * (1 - lapse) + off * reader.ReturnPerDay, on * lapse + off * (1 - reader.ReturnPerDay));

    private double Rate(int day) => reader.VisitsPerDay * Reader.WeekdayFactor(options.StartDate.AddDays(day).DayOfWeek);

    /// <summary>E[(1 − s)^visits] of one day, its visits cut at the most that fit.</summary>
    private double NoneSubscribes(double rate)
    {
        var (mass, left, sum, kept) = (Math.Exp(-rate), 1.0, 0.0, 1.0);
        for (var visits = 0; visits < Reader.MostVisitsPerDay; visits++)
        {
            sum += mass * kept;
            left -= mass;
            mass *= rate / (visits + 1);
            kept *= 1 - reader.SubscribePerVisit;
        }
        return sum + left * kept;
    }
}
