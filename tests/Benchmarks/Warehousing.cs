using System.Diagnostics;
using System.Globalization;
using Media.Events.Simulator;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;
using Media.Warehouse;

namespace Media.Benchmarks;

/// <summary>The embedded warehouse with two million events and two hundred thousand sessions: how fast they go in beside the engine's own reading, and how fast the questions are answered.</summary>
/// <remarks>
/// Not a BenchmarkDotNet class, since the engine lives once in a process: <c>dotnet run -c Release --project tests/Benchmarks -- warehousing [turns]</c>. The peer of the
/// load is the engine itself, INSERT … SELECT from a file that holds the very same RowBinary; both take turns, median of the turns after one to warm up. Ours begins
/// at the lake's columns in memory, so encoding counts; the same from encoded blocks, as a feed's retry sends them, stands beside. Goals: ≥ 0.8 × the engine's rate; every question ≤ 50 ms median.
/// </remarks>
internal static class Warehousing
{
    private const int Asks = 15;

    public static async Task RunAsync(int turns)
    {
        var cancel = CancellationToken.None;
        var folder = Directory.CreateTempSubdirectory("media-warehousing-");
        try
        {
            using var warehouse = await WarehouseClient.OpenAsync(new() { Path = Path.Combine(folder.FullName, "warehouse") }, cancel);
            await Migrations.ApplyAsync(warehouse, cancel);
            var sessions = await LoadEventsAsync(warehouse, cancel);
            Say($"{sessions.Sum(b => b.Length):N0} sessions");

            var format = await RowBinary.OfAsync(warehouse, WarehouseTables.Sessions, cancel);
            var file = Path.Combine(folder.FullName, "sessions.rowbinary");
            var blocks = Encode(format, sessions);
            var encoding = new List<double>();
            for (var turn = 0; turn < turns; turn++) encoding.Add(await SecondsAsync(() => Task.FromResult(Encode(format, sessions))));
            Say($"encoding alone: {Median(encoding):0.00} s");
            WriteFile(file, blocks);
            var structure = string.Join(", ", (await warehouse.QueryAsync("SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'sessions' ORDER BY position", [], cancel)).Rows.Select(r => $"{r[0]} {r[1]}"));
            var (ours, encoded, theirs) = (new List<double>(), new List<double>(), new List<double>());
            for (var turn = 0; turn <= turns; turn++)
            {
                await EmptyAsync(warehouse, cancel);
                var engine = await SecondsAsync(() => warehouse.ExecuteAsync($"INSERT INTO sessions SELECT * FROM file('{file}', 'RowBinary', '{structure.Replace("'", "\\'", StringComparison.Ordinal)}')", cancel));
                await EmptyAsync(warehouse, cancel);
                var own = await SecondsAsync(async () =>
                {
                    var writer = await BlockWriter.OpenAsync(warehouse, WarehouseTables.Sessions, $"turn {turn}", cancel);
                    foreach (var batch in sessions) await writer.AddAsync(batch, cancel);
                    await writer.CompleteAsync(cancel);
                });
                await EmptyAsync(warehouse, cancel);
                var ready = await SecondsAsync(async () =>
                {
                    foreach (var (number, block) in blocks.Index()) await warehouse.InsertAsync("sessions", format.Columns, block, $"turn {turn}, ready {number}", cancel);
                });
                Say($"sessions, turn {turn}{(turn == 0 ? " (warm-up)" : "")}: own {own:0.00} s, of encoded blocks {ready:0.00} s, the engine from the file {engine:0.00} s");
                if (turn == 0) continue;
                ours.Add(own);
                encoded.Add(ready);
                theirs.Add(engine);
            }
            Say($"sessions: {sessions.Sum(b => b.Length) / Median(ours) / 1000:0} k rows/s, {Median(theirs) / Median(ours):0.00} × the engine's own rate; of encoded blocks {Median(theirs) / Median(encoded):0.00} ×");

            foreach (var query in NamedQuery.All)
            {
                var times = new List<double>();
                for (var ask = 0; ask <= Asks; ask++)
                    if (await SecondsAsync(() => query.RunAsync(warehouse, new Dictionary<string, string>(), cancel)) is var s && ask > 0) times.Add(1000 * s);
                Say($"{query.Name}: median {Median(times):0.0} ms, longest {times.Max():0.0} ms");
            }
            await AskWhileLoadingAsync(warehouse, sessions, cancel);
            using var process = Process.GetCurrentProcess();
            Say($"peak memory of the process, the simulated rows in it included: {process.PeakWorkingSet64 >> 20:N0} MiB");
        }
        finally { folder.Delete(recursive: true); }
    }

    /// <summary>The journey's own world: events are loaded and forgotten, sessions come back as the lake's columns.</summary>
    private static async Task<List<Apache.Arrow.RecordBatch>> LoadEventsAsync(WarehouseClient warehouse, CancellationToken cancel)
    {
        var (sessionizer, closed, batches) = (new Sessionizer(new SessionOptions()), new List<Session>(), new List<Apache.Arrow.RecordBatch>());
        var writer = await BlockWriter.OpenAsync(warehouse, WarehouseTables.Events, "events", cancel);
        var (offset, seconds) = (0L, 0.0);
        foreach (var part in new EventSimulator(new SimulatorOptions()).Events().Chunk(BlockWriter.BlockRows))
        {
            foreach (var e in part) sessionizer.Add(e, closed);
            using var batch = EventColumns.From([.. part.Select(e => new ConsumedEvent(e, 0, offset++))], []);
            seconds += await SecondsAsync(() => writer.AddAsync(batch, cancel));
        }
        seconds += await SecondsAsync(() => writer.CompleteAsync(cancel));
        Say($"{writer.Rows:N0} events: {writer.Rows / seconds / 1000:0} k rows/s, with four views behind them");
        sessionizer.Flush(closed);
        foreach (var part in closed.Chunk(50_000)) batches.Add(SessionColumns.From(part));
        return batches;
    }

    /// <summary>The questions once more, while the sessions go in again and again.</summary>
    private static async Task AskWhileLoadingAsync(WarehouseClient warehouse, List<Apache.Arrow.RecordBatch> sessions, CancellationToken cancel)
    {
        using var stop = new CancellationTokenSource();
        var loading = Task.Run(async () =>
        {
            for (var load = 0; !stop.IsCancellationRequested; load++)
            {
                var writer = await BlockWriter.OpenAsync(warehouse, WarehouseTables.Sessions, $"again {load}", cancel);
                foreach (var batch in sessions) await writer.AddAsync(batch, cancel);
                await writer.CompleteAsync(cancel);
                await EmptyAsync(warehouse, cancel);
            }
        }, cancel);
        var times = new List<double>();
        for (var round = 0; round < 5; round++)
            foreach (var query in NamedQuery.All) times.Add(1000 * await SecondsAsync(() => query.RunAsync(warehouse, new Dictionary<string, string>(), cancel)));
        await stop.CancelAsync();
        await loading;
        Say($"while sessions are being loaded: median of all questions {Median(times):0.0} ms, longest {times.Max():0.0} ms");
    }

    private static async Task EmptyAsync(WarehouseClient warehouse, CancellationToken cancel)
    {
        foreach (var table in WarehouseTables.Sessions.Views.Append(WarehouseTables.Sessions.Name)) await warehouse.ExecuteAsync($"TRUNCATE TABLE {table} SYNC", cancel);
    }

    private static List<byte[]> Encode(RowBinary format, List<Apache.Arrow.RecordBatch> batches)
    {
        var (blocks, buffer, filled) = (new List<byte[]>(), new RowBuffer(), 0);
        foreach (var batch in batches)
        {
            var rows = format.Open(batch);
            for (var row = 0; row < batch.Length; row++)
            {
                rows.Write(row, buffer);
                if (++filled % BlockWriter.BlockRows != 0) continue;
                blocks.Add([.. buffer.Written]);
                buffer.Clear();
            }
        }
        if (buffer.Length > 0) blocks.Add([.. buffer.Written]);
        return blocks;
    }

    private static void WriteFile(string path, List<byte[]> blocks)
    {
        using var file = File.Create(path);
        foreach (var block in blocks) file.Write(block);
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
