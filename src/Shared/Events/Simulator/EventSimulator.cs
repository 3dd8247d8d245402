namespace Media.Events.Simulator;

/// <summary>A publisher's readers: their events, in the global order of event time.</summary>
/// <remarks>
/// Default size: about 200,000 sessions and 2 million events. Lazy: holds one day's events and some bytes per reader. Every event is valid under
/// <see cref="SchemaVersions.Live"/>; no visit crosses midnight UTC; visits of one reader lie more than 30 minutes apart, and no two events within one do,
/// so a sessionizer with the default gap finds exactly the visits. Deterministic: each enumeration begins anew and gives equal events. Thread-safe.
/// </remarks>
public sealed class EventSimulator
{
    private readonly SimulatorOptions _options;
    private readonly Newsroom _newsroom;
    private readonly Reader[] _readers;

    /// <exception cref="ArgumentException">An option is out of range; all faults are listed.</exception>
    public EventSimulator(SimulatorOptions options)
    {
        options.Validate();
        _options = options;
        _newsroom = new Newsroom(options);
        _readers = Reader.All(options, _newsroom.CategoryNames.Length);
    }

    public IEnumerable<MediaEvent> Events()
    {
        var story = new VisitStory(_options, new EventIds(_options.Seed));
        var calendar = new Calendar(_options, _readers);
        var archive = new Archive(_newsroom, _options.Brands.Count);
        var pages = new FrontPage[_options.Brands.Count * 24];
        var visits = new List<Visit>();
        var events = new List<MediaEvent>();
        var times = Array.Empty<long>();
        var sorted = Array.Empty<MediaEvent>();
        for (var day = 0; day < _options.Days; day++)
        {
            visits.Clear();
            events.Clear();
            calendar.NextDay(visits);
            archive.FillPages(_options, day, pages);
            var midnight = _options.StartMicros + day * Clock.Day;
            foreach (var visit in visits)
                story.Tell(visit, pages[visit.Brand * 24 + (int)((visit.StartMicros - midnight) / Clock.Hour)], events);

            if (times.Length < events.Count) (times, sorted) = (new long[events.Count * 5 / 4], new MediaEvent[events.Count * 5 / 4]);
            for (var i = 0; i < events.Count; i++) (times[i], sorted[i]) = (events[i].EventTimeMicros, events[i]);
            Array.Sort(times, sorted, 0, events.Count);
            for (var i = 0; i < events.Count; i++) yield return sorted[i];
        }
    }
}

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

    /// <summary>Adds the next day's visits: readers in order, each one's visits in time order.</summary>
    public void NextDay(List<Visit> into)
    {
        var midnight = _options.StartMicros + _day * Clock.Day;
        var busy = Reader.WeekdayFactor(_options.StartDate.AddDays(_day).DayOfWeek);
        for (var i = 0; i < _readers.Length; i++)
        {
            var (visitsBefore, tierBefore) = (_lives[i].Visits, _lives[i].Tier);
            var life = _lives[i].Step(_options.Seed, _day, busy);
            if (life.Visits > 0) Visit.Plan(_options, _readers[i], _day, midnight, life, visitsBefore, tierBefore, ref _freeFrom[i], into);
        }
        _day++;
    }
}

/// <summary>The articles that are still on offer, day after day.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Archive(Newsroom newsroom, int brands)
{
    private readonly Dictionary<(int Brand, int Day), Story[]> _published = [];

    /// <summary>Every brand's page at every hour of a day, at index brand × 24 + hour. Days must ascend.</summary>
    public void FillPages(SimulatorOptions options, int day, FrontPage[] pages)
    {
        for (var brand = 0; brand < brands; brand++)
        {
            _published.Remove((brand, day - Newsroom.DaysOnOffer));
            var days = new Story[Newsroom.DaysOnOffer][];
            for (var back = 0; back < days.Length; back++)
            {
                var key = (brand, day - back);
                if (!_published.TryGetValue(key, out var stories)) _published.Add(key, stories = newsroom.Publish(brand, day - back));
                days[back] = stories;
            }
            for (var hour = 0; hour < 24; hour++)
                pages[brand * 24 + hour] = FrontPage.At(days, options.StartMicros + day * Clock.Day + hour * Clock.Hour, options.Signal);
        }
    }
}
