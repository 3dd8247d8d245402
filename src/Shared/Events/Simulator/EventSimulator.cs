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
