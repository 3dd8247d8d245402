using Media.Events;
using Media.Jobs;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;

namespace Media.Tests.Jobs;

/// <summary>Days of a lake cut anew: what came late gets into its session, what has not changed is not written.</summary>
public sealed class ResessionizeTests : IDisposable
{
    private static readonly (DateOnly First, DateOnly Last) Whole = (new(2025, 1, 1), new(2027, 1, 1));
    private readonly string _folder = Directory.CreateTempSubdirectory("media-resessionize-").FullName;
    private readonly LocalObjectStore _lake;

    public ResessionizeTests() => _lake = new LocalObjectStore(_folder);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task LateEvents_GetIntoTheirSessions()
    {
        await FillAsync();
        var before = await SessionsAsync();
        var events = await EventsAsync();
        Assert.Contains(events, e => e.IsLate);
        Assert.True(before.Sum(s => s[SessionMetrics.TotalEvents]) < events.Count, "the stream left late events out");

        var done = await RunAsync(Whole.First, Whole.Last);
        var after = await SessionsAsync();
        Assert.True(done is { Readers: > 0, Written: > 0, Days: > 0 });
        Assert.Equal(events.Count, after.Sum(s => s[SessionMetrics.TotalEvents]));
        Assert.Equal(events.Count(e => e.IsLate), after.Sum(s => s[SessionMetrics.LateEvents]));
        Assert.Equal(after.Count, after.Select(s => s.SessionId).Distinct().Count());
        foreach (var own in after.GroupBy(s => s.UserId))
            Assert.Equal(Enumerable.Range(1, own.Count()).Select(n => (double)n), own.OrderBy(s => s.SessionStartMicros).Select(s => s[SessionMetrics.SessionNumber]));

        Assert.Equal(0, (await RunAsync(Whole.First, Whole.Last)).Readers);
    }

    [Fact]
    public async Task DaysOneAfterTheOther_ComeToTheSame()
    {
        await FillAsync();
        var days = (await EventsAsync()).Select(e => DateOnly.FromDateTime(e.Consumed.Event.EventTime.UtcDateTime)).Distinct().Order().ToList();
        foreach (var day in Enumerable.Reverse(days)) await RunAsync(day, day);
        Assert.Equal(0, (await RunAsync(Whole.First, Whole.Last)).Readers);
        Assert.Equal((await EventsAsync()).Count, (await SessionsAsync()).Sum(s => s[SessionMetrics.TotalEvents]));
    }

    [Fact]
    public async Task DayWhoseSessionMergedIntoTheDayBefore_IsEmpty()
    {
        // Two visits, 40 minutes apart around midnight, and the late event between them that makes them one.
        var midnight = new DateTimeOffset(2026, 5, 2, 0, 0, 0, TimeSpan.Zero);
        MediaEvent At(int id, TimeSpan from) => new Navigation
        {
            EventId = new EventId(new Guid(id, 0, 0x7000, [0x80, 0, 0, 0, 0, 0, 0, 0])), UserId = new UserId("u"), EventTimeMicros = EpochMicros.Of(midnight + from), SchemaVersion = SchemaVersions.Archive,
        };
        await FillAsync([At(1, TimeSpan.FromMinutes(-20)), At(2, TimeSpan.FromMinutes(20)), At(3, TimeSpan.FromDays(1)), At(4, TimeSpan.FromMinutes(1)), At(5, TimeSpan.FromDays(3))]);
        Assert.Equal(4, (await SessionsAsync()).Count);

        var done = await RunAsync(DateOnly.FromDateTime(midnight.UtcDateTime), DateOnly.FromDateTime(midnight.UtcDateTime));
        Assert.Equal(1, done.Removed);
        var sessions = await SessionsAsync();
        Assert.Equal([3, 1, 1], sessions.OrderBy(s => s.SessionStartMicros).Select(s => s[SessionMetrics.TotalEvents]));
        Assert.Equal([1, 2, 3], sessions.OrderBy(s => s.SessionStartMicros).Select(s => s[SessionMetrics.SessionNumber]));
    }

    [Fact]
    public async Task SessionsWrittenMeanwhile_ReplaceNothing()
    {
        await FillAsync();
        var before = await SessionsAsync();
        var table = await DeltaTable.OpenAsync(_lake, Tables.Sessions.Name, Cancel);
        var error = await Assert.ThrowsAsync<JobException>(() => Resessionize.RunAsync(_lake, new Resessionizer(new SessionOptions(), Whole.First, Whole.Last), async (days, starts, cancel) =>
        {
            await table.AppendAsync([], new DeltaTransaction("someone", 1), cancel);
            return await Resessionize.CutHereAsync(_lake, days, starts, cancel);
        }, Silent(), Cancel));
        Assert.Contains("nothing was replaced", error.Message, StringComparison.Ordinal);
        Assert.Equal(before.Sum(s => s[SessionMetrics.TotalEvents]), (await SessionsAsync()).Sum(s => s[SessionMetrics.TotalEvents]));
    }

    private Task FillAsync() => FillAsync(DisorderedLog.Make().SelectMany(b => b.Good).Select(g => g.Event).DistinctBy(e => e.EventId));

    /// <summary>A lake as the stream leaves it.</summary>
    private async Task FillAsync(IEnumerable<MediaEvent> arrivals)
    {
        var (sessionizer, closed, events, late) = (new Sessionizer(new SessionOptions()), new List<Session>(), new List<ConsumedEvent>(), new List<bool>());
        foreach (var e in arrivals)
        {
            events.Add(new ConsumedEvent(e, 0, events.Count));
            late.Add(sessionizer.Add(e, closed) == AddOutcome.Late);
        }
        sessionizer.Flush(closed);
        await (await DeltaTable.CreateOrOpenAsync(_lake, Tables.Events.Name, Tables.Events, Cancel)).AppendAsync([EventColumns.From(events, [.. late])], [], Cancel);
        await (await DeltaTable.CreateOrOpenAsync(_lake, Tables.Sessions.Name, Tables.Sessions, Cancel)).AppendAsync([SessionColumns.From(closed)], [], Cancel);
    }

    private Task<Resessionized> RunAsync(DateOnly first, DateOnly last) =>
        Resessionize.RunAsync(_lake, new Resessionizer(new SessionOptions(), first, last), (days, starts, cancel) => Resessionize.CutHereAsync(_lake, days, starts, cancel), Silent(), Cancel);

    private static JobConsole Silent() => JobsRun.Console().Console;

    private async Task<List<StoredEvent>> EventsAsync() => await RowsAsync(Tables.Events, EventColumns.Read);

    private async Task<List<Session>> SessionsAsync() => await RowsAsync(Tables.Sessions, SessionColumns.Read);

    private async Task<List<T>> RowsAsync<T>(TableSchema schema, Func<Apache.Arrow.RecordBatch, T[]> read)
    {
        var rows = new List<T>();
        await foreach (var batch in (await DeltaTable.OpenAsync(_lake, schema.Name, Cancel)).ReadAsync(Cancel))
            using (batch)
                rows.AddRange(read(batch));
        return rows;
    }
}
