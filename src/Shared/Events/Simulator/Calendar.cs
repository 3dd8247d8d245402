namespace Media.Events.Simulator;

/// <summary>All readers' visits, day by day.</summary>
/// <remarks>The simulator tells them as events; the truth counts them. Not thread-safe.</remarks>
internal sealed class Calendar
{
    private readonly SimulatorOptions _options;
    private readonly Reader[] _readers;
    private readonly ReaderLife[] _lives;
    private readonly long[] _freeFrom;
    private int _day;

    public Calendar(SimulatorOptions options, Reader[] readers)
    {
        (_options, _readers) = (options, readers);
        _lives = [.. readers.Select(r => new ReaderLife(r))];
        _freeFrom = new long[readers.Length];
        Array.Fill(_freeFrom, options.StartMicros);
    }

    private Calendar(Calendar other, int seed)
    {
        (_options, _readers, _day) = (other._options with { Seed = seed }, other._readers, other._day);
        (_lives, _freeFrom) = ([.. other._lives], [.. other._freeFrom]);
    }

    /// <summary>How the days from the next one on might have gone instead: the same readers in the same states, other draws.</summary>
    public Calendar Fork(int seed) => new(this, seed);

    /// <summary>Adds the next day's visits: readers in order, each one's visits in time order.</summary>
    public void NextDay(List<Visit> into)
    {
        var midnight = _options.StartMicros + _day * Clock.Day;
        var busy = Reader.WeekdayFactor(_options.StartDate.AddDays(_day).DayOfWeek);
        for (var i = 0; i < _readers.Length; i++)
        {
            var before = _lives[i];
            var life = _lives[i].Step(_options.Seed, _day, busy);
            if (life.Visits > 0) Visit.Plan(_options, _readers[i], _day, midnight, before, life, ref _freeFrom[i], into);
        }
        _day++;
    }
}
