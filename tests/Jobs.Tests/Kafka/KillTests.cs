using System.Diagnostics;
using System.Globalization;
using Media.Streaming;
using Media.Tests.Engines;
using Media.Warehouse;

namespace Media.Tests.Jobs.Kafka;

/// <summary>Producer, two sessionizers and the warehouse's loader on a real broker, killed at random points: in the end every event is in lake and warehouse once.</summary>
/// <remarks>
/// 200,000 events and eight kills; a million and twenty with <c>MEDIA_TEST_KILL=full</c>. <c>MEDIA_TEST_KILL_SEED</c> draws other victims and instants (default 1).
/// </remarks>
[Trait("Category", "Long")]
public sealed class KillTests : IDisposable
{
    private static readonly bool Full = Environment.GetEnvironmentVariable("MEDIA_TEST_KILL") == "full";
    private readonly string _folder = Directory.CreateTempSubdirectory("media-kills-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Explicit = true)]
    public async Task KilledAnywhere_EveryEventIsInLakeAndWarehouseOnce()
    {
        var kills = Full ? 20 : 9;
        string[] world = ["--users", Full ? "1200" : "500", "--days", Full ? "175" : "84", "--seed", "3"];
        var random = new Random(int.Parse(Environment.GetEnvironmentVariable("MEDIA_TEST_KILL_SEED") ?? "1", CultureInfo.InvariantCulture));
        await using var kafka = await RealKafka.StartOrSkipAsync(TestContext.Current.CancellationToken);

        // What one undisturbed run makes of it.
        var whole = JobProcess.On(kafka, "whole");
        await DoneAsync(whole, ["produce", .. world]);
        var calm = await SessionizedAsync(whole, "whole");
        Assert.Equal(calm.EventIds.Count, calm.DistinctEvents);
        Assert.True(calm.EventIds.Count > (Full ? 1_000_000 : 180_000), $"{calm.EventIds.Count} events");

        var on = JobProcess.On(kafka, "killed");
        var folder = Path.Combine(_folder, "killed");
        var loads = WarehouseClient.EmbeddedIsHere;
        var running = new Dictionary<string, JobProcess>(StringComparer.Ordinal);
        var victims = new Dictionary<string, int>(StringComparer.Ordinal);
        var started = Stopwatch.StartNew();
        try
        {
            Start("producer");
            Start("sessionizer 1");
            Start("sessionizer 2");
            await running["sessionizer 1"].SaysAsync("Following");
            if (loads) Start("loader");
            // A third of the kills are the producer's, the others the sessionizers' and the loader's, in an order that is drawn.
            string[] others = loads ? ["sessionizer 1", "sessionizer 2", "loader"] : ["sessionizer 1", "sessionizer 2"];
            var plan = Enumerable.Range(0, kills).Select(i => i < kills / 3 ? "producer" : others[i % others.Length]).ToArray();
            random.Shuffle(plan);
            foreach (var name in plan)
            {
                // The instants are drawn too; nothing is waited for. A producer that is through begins again.
                await Task.Delay(random.Next(300, name == "producer" ? 1_500 : 4_000), TestContext.Current.CancellationToken);
                while (running[name].HasExited)
                {
                    Assert.True(name == "producer" && await running[name].ExitAsync() == 0, $"{name} ended by itself:\n{running[name].Output}");
                    running[name].Dispose();
                    Start(name);
                    await Task.Delay(random.Next(300, 1_500), TestContext.Current.CancellationToken);
                }
                await running[name].KillAsync();
                victims[name] = victims.GetValueOrDefault(name) + 1;
                Assert.DoesNotContain("error:", running[name].Output, StringComparison.Ordinal);
                running[name].Dispose();
                Start(name);
            }
            var (code, text) = (await running["producer"].ExitAsync(), running["producer"].Output);
            Assert.True(code == 0, text);
            foreach (var (name, job) in running)
            {
                Assert.True(name == "producer" || !job.HasExited, $"{name} ended by itself:\n{job.Output}");
                await job.KillAsync();
            }
        }
        finally
        {
            foreach (var job in running.Values) job.Dispose();
        }
        var killed = await SessionizedAsync(on, "killed");
        var log = GroupLag.Read(new KafkaOptions { BootstrapServers = kafka.BootstrapServers, Topic = "killed", GroupId = "killed-group" });
        var lost = calm.EventIds.Except(killed.EventIds, StringComparer.Ordinal).Count();
        var doubled = killed.EventIds.Count - killed.DistinctEvents;
        Say($"{kills} kills in {started.Elapsed.TotalSeconds:0} s ({string.Join(", ", victims.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}: {v.Value}"))}); records in the log {log.Sum(p => p.Ends):N0}, of {calm.EventIds.Count:N0} events");
        Say($"lake: {killed.EventIds.Count:N0} rows, {killed.DistinctEvents:N0} distinct event_id, {lost} lost, {doubled} doubled; {killed.Sessions:N0} sessions, hash {killed.SessionsHash}; undisturbed: {calm.Sessions:N0}, {calm.SessionsHash}");
        Assert.Equal((0, 0), (lost, doubled));
        Assert.Equal(calm.EventIds.Count, killed.EventIds.Count);
        Assert.Equal((calm.Sessions, calm.SessionsHash), (killed.Sessions, killed.SessionsHash));
        // A broken record has no id by which a second sending of it could be known: it is kept each time it comes, and none is missing.
        Assert.Equal(calm.BadRecords.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), killed.BadRecords.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

        if (loads)
        {
            await DoneAsync(on, ["warehouse", "load", "--out", folder]);
            Say((await DoneAsync(on, ["reconcile", "--out", folder])).Contains("agree", StringComparison.Ordinal) ? "lake and warehouse agree on every brand's every day" : "");
            var counts = await DoneAsync(on, ["query", "--out", folder, "--sql", "SELECT concat('rows=', toString(count()), ' ids=', toString(uniqExact(event_id)), ' seen=', toString((SELECT sum(events) FROM counter_minute)), ' sessions=', toString((SELECT uniqExact(session_id) FROM sessions)), ' ended=', toString((SELECT sum(sessions) FROM country_day))) AS all FROM events"]);
            Say($"warehouse: {counts.Split('\n').First(l => l.Contains("rows=", StringComparison.Ordinal)).Trim()}");
            Assert.Contains($"rows={killed.EventIds.Count} ids={killed.EventIds.Count} seen={killed.EventIds.Count} sessions={killed.Sessions} ended={killed.Sessions}", counts, StringComparison.Ordinal);
        }
        else Say("no warehouse: the embedded ClickHouse was not restored (npm)");

        // The same offsets three times more, each into a lake of its own; and all of it sent once more into the one that has it.
        for (var replay = 1; replay <= 3; replay++)
        {
            var again = await SessionizedAsync(new Dictionary<string, string>(on) { ["Kafka__GroupId"] = $"replay-{replay}", ["Kafka__DeadLetterTopic"] = "" }, $"replay-{replay}");
            Say($"replay {replay}: {again.EventIds.Count:N0} rows, hash {again.SessionsHash}");
            Assert.Equal((killed.EventIds.Count, killed.SessionsHash), (again.EventIds.Count, again.SessionsHash));
            Directory.Delete(Path.Combine(_folder, $"replay-{replay}"), recursive: true);
        }
        await DoneAsync(on, ["produce", .. world]);
        var more = await SessionizedAsync(new Dictionary<string, string>(on) { ["Kafka__GroupId"] = "another" }, "killed");
        Say($"all sent once more: {more.EventIds.Count - killed.EventIds.Count} new rows, hash {more.SessionsHash}");
        Assert.Equal((killed.EventIds.Count, killed.SessionsHash), (more.EventIds.Count, more.SessionsHash));

        void Start(string name) => running[name] = JobProcess.Start(on, name switch
        {
            // From its source's beginning, with the same ids: what came before is known by them.
            "producer" => ["produce", .. world],
            "loader" => ["warehouse", "load", "--follow", "--out", folder],
            _ => ["sessionize", "--no-warehouse", "--out", folder],
        });
    }

    private async Task<KeptLake> SessionizedAsync(Dictionary<string, string> on, string name)
    {
        var said = await DoneAsync(on, ["sessionize", "--no-warehouse", "--until-caught-up", "--flush", "--out", Path.Combine(_folder, name)]);
        Assert.Contains("lag: 0 records", said, StringComparison.Ordinal);
        return await KeptLake.ReadAsync(Path.Combine(_folder, name, "lake"));
    }

    private static async Task<string> DoneAsync(Dictionary<string, string> on, string[] arguments)
    {
        var (exit, said) = await JobProcess.RunAsync(on, arguments);
        Assert.True(exit == 0, $"{string.Join(' ', arguments)}:\n{said}");
        return said;
    }

    private static void Say(FormattableString text) => TestContext.Current.TestOutputHelper?.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
