namespace Media.Events.Simulator;

/// <summary>The exact odds of a reader's next days, given the days seen so far: <see cref="ReaderLife"/> inverted.</summary>
/// <remarks>
/// A hidden Markov model of two states, reads or turned away. A visit proves that the reader reads, so only the days since the latest one are in doubt: the
/// filter weighs "reads but did not come" against "turned away". Then the same chain runs on to the horizon, keeping only the mass in which the event has
/// not happened. Pure, thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1109/5.18626">Rabiner 1989, A tutorial on hidden Markov models, §III.A (the forward procedure)</seealso>
/// <param name="free">The reader has no subscription at as-of.</param>
/// <param name="newsletter">The reader has signed up for a newsletter before as-of.</param>
internal readonly struct LifeOdds(SimulatorOptions options, Reader reader, bool free, bool newsletter)
{
    /// <summary>Probability that the reader reads on the morning of <paramref name="asOfDay"/>, the latest visit being on <paramref name="latestDay"/>.</summary>
    public double Reads(int latestDay, int asOfDay)
    {
        var odds = Readership.Of(reader, free, newsletter, reads: 1).Overnight();
        for (var day = latestDay + 1; day < asOfDay; day++)
        {
            var quiet = odds.On * Math.Exp(-Rate(day));
            odds = Readership.Of(reader, free, newsletter, reads: quiet / (quiet + odds.Off)).Overnight();
        }
        return odds.On;
    }

    /// <summary>Probability of no visit on any of the days, beginning with this probability to read.</summary>
    public double NoVisit(double reads, int fromDay, int days)
    {
        // Without a visit neither tier nor newsletter changes.
        var odds = Readership.Of(reader, free, newsletter, reads);
        for (var day = fromDay; day < fromDay + days; day++) odds = odds.Keeping(odds.On * Math.Exp(-Rate(day))).Overnight();
        return odds.On + odds.Off;
    }

    /// <summary>Probability that no visit of a free reader on any of the days ends in a subscription, beginning with this probability to read.</summary>
    public double NoSubscription(double reads, int fromDay, int days)
    {
        var plain = Readership.Of(reader, free: true, newsletter: false, reads).Times(newsletter ? 0 : 1);
        var signed = Readership.Of(reader, free: true, newsletter: true, reads).Times(newsletter ? 1 : 0);
        for (var day = fromDay; day < fromDay + days; day++)
        {
            var (plainOn, signedOn) = AfterVisits(plain.On, signed.On, Rate(day));
            (plain, signed) = (plain.Keeping(plainOn).Overnight(), signed.Keeping(signedOn).Overnight());
        }
        return plain.On + plain.Off + signed.On + signed.Off;
    }

    /// <summary>What is left, after a day's visits, of readers without and with newsletter when each visit takes the share that subscribes.</summary>
    private (double Plain, double Signed) AfterVisits(double plain, double signed, double rate)
    {
        var (mass, left, plainSum, signedSum) = (Math.Exp(-rate), 1.0, 0.0, 0.0);
        for (var visits = 0; visits < Reader.MostVisitsPerDay; visits++)
        {
            plainSum += mass * plain;
            signedSum += mass * signed;
            left -= mass;
            mass *= rate / (visits + 1);
            var kept = plain * (1 - reader.SubscribePerVisit(newsletter: false));
            plain = kept * (1 - reader.SignUpPerVisit);
            signed = signed * (1 - reader.SubscribePerVisit(newsletter: true)) + kept * reader.SignUpPerVisit;
        }
        // Days of more visits than fit are days of the most that fit.
        return (plainSum + left * plain, signedSum + left * signed);
    }

    private double Rate(int day) => reader.VisitsPerDay * Reader.WeekdayFactor(options.StartDate.AddDays(day).DayOfWeek);

    /// <summary>Mass of those who read and of those who turned away, and how it flows between them each night.</summary>
    private readonly record struct Readership(double On, double Off, double Lapse, double Return)
    {
        public static Readership Of(Reader reader, bool free, bool newsletter, double reads) =>
            new(reads, 1 - reads, reader.LapsePerDay(free, newsletter), Reader.ReturnPerDay(newsletter));

        public Readership Overnight() => this with { On = On * (1 - Lapse) + Off * Return, Off = On * Lapse + Off * (1 - Return) };
        public Readership Keeping(double on) => this with { On = on };
        public Readership Times(double factor) => this with { On = On * factor, Off = Off * factor };
    }
}
