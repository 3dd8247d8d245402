using Media.Events;
using Media.Events.Simulator;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;
using Media.Warehouse;

namespace Media.Tests.Warehouse;

/// <summary>A warehouse with some 50,000 sessions of simulated readers, and the very rows beside it. Made once.</summary>
public sealed class SimulatedWarehouse(TestWarehouse tests) : IDisposable
{
    private readonly SemaphoreSlim _making = new(1, 1);
    private WarehouseClient? _warehouse;

    public IReadOnlyList<MediaEvent> Events { get; private set; } = [];
    public IReadOnlyList<Session> Sessions { get; private set; } = [];

    public async Task<WarehouseClient> OpenAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        await _making.WaitAsync(cancel);
        try
        {
            if (_warehouse is not null) return _warehouse;
            var warehouse = await tests.OpenWithTablesAsync();
            (Events, Sessions) = Simulate(users: 1200, days: 90);
            await LoadAsync(warehouse, Events, Sessions, cancel);
            return _warehouse = warehouse;
        }
        finally
        {
            _making.Release();
        }
    }

    public static (IReadOnlyList<MediaEvent> Events, IReadOnlyList<Session> Sessions) Simulate(int users, int days)
    {
        var events = new EventSimulator(new SimulatorOptions { Users = users, Days = days }).Events().ToList();
        var (sessionizer, sessions) = (new Sessionizer(new SessionOptions()), new List<Session>());
        foreach (var e in events) sessionizer.Add(e, sessions);
        sessionizer.Flush(sessions);
        return (events, sessions);
    }

    internal static async Task LoadAsync(WarehouseClient warehouse, IReadOnlyList<MediaEvent> events, IReadOnlyList<Session> sessions, CancellationToken cancel)
    {
        var eventRows = await BlockWriter.OpenAsync(warehouse, WarehouseTables.Events, "test", cancel);
        var offset = 0L;
        foreach (var part in events.Chunk(50_000))
        {
            using var batch = EventColumns.From([.. part.Select(e => new ConsumedEvent(e, 0, offset++))], []);
            await eventRows.AddAsync(batch, cancel);
        }
        await eventRows.CompleteAsync(cancel);
        var sessionRows = await BlockWriter.OpenAsync(warehouse, WarehouseTables.Sessions, "test", cancel);
        foreach (var part in sessions.Chunk(20_000))
        {
            using var batch = SessionColumns.From(part);
            await sessionRows.AddAsync(batch, cancel);
        }
        await sessionRows.CompleteAsync(cancel);
    }

    public void Dispose()
    {
        _warehouse?.Dispose();
        _making.Dispose();
    }
}
