using System.Diagnostics;
using System.Globalization;
using Media.Tests.Engines;

namespace Media.Tests.Jobs.Kafka;

/// <summary>Two sessionizers in one group on a real broker: work is shared, and what a killed one read is read on by the other.</summary>
[Trait("Category", "Long")]
public sealed class TwoSessionizersTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-group-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Explicit = true)]
    public async Task OneKilled_TheOtherTakesItsPartitionsOverWithin30Seconds_AndTheSessionsAreThoseOfOne()
    {
        await using var kafka = await RealKafka.StartOrSkipAsync(TestContext.Current.CancellationToken);
        var on = JobProcess.On(kafka, "shared");
        string[] world = ["--users", "400", "--days", "60", "--seed", "5"];
        var shared = Path.Combine(_folder, "shared");
        var (exit, said) = await JobProcess.RunAsync(on, ["produce", .. world]);
        Assert.True(exit == 0, said);

        using var first = JobProcess.Start(on, "sessionize", "--no-warehouse", "--out", shared);
        await first.SaysAsync("partitions 0, 1, 2, 3 are read here");
        using var second = JobProcess.Start(on, "sessionize", "--no-warehouse", "--out", shared);
        await first.SaysAsync("go to another sessionizer of the group");
        var (_, share) = await second.SaysAsync(@"are read here.*; (\d) of 4 in all");
        Assert.Equal("2", share);

        // The log grows while both read; then one dies.
        (exit, said) = await JobProcess.RunAsync(on, ["produce", "--users", "400", "--days", "70", "--seed", "6"]);
        Assert.True(exit == 0, said);
        var killed = Stopwatch.GetTimestamp();
        await first.KillAsync();
        var (over, _) = await second.SaysAsync(@"are read here.*; (4) of 4 in all", after: killed);
        var seconds = Stopwatch.GetElapsedTime(killed, over).TotalSeconds;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the killed one's partitions were taken over after {seconds:0.0} s"));
        Assert.InRange(seconds, 0, 30);

        // A third, now that the log stands still, reads what is left and ends the sessions.
        await second.KillAsync();
        (exit, said) = await JobProcess.RunAsync(on, "sessionize", "--no-warehouse", "--until-caught-up", "--flush", "--out", shared);
        Assert.True(exit == 0, said);
        Assert.Contains("lag: 0 records", said, StringComparison.Ordinal);
        (exit, said) = await JobProcess.RunAsync(new Dictionary<string, string>(on) { ["Kafka__GroupId"] = "alone", ["Kafka__DeadLetterTopic"] = "" }, "sessionize", "--no-warehouse", "--until-caught-up", "--flush", "--out", Path.Combine(_folder, "alone"));
        Assert.True(exit == 0, said);

        var (two, one) = (await KeptLake.ReadAsync(Path.Combine(shared, "lake")), await KeptLake.ReadAsync(Path.Combine(_folder, "alone", "lake")));
        Assert.Equal(one.EventIds.Order(StringComparer.Ordinal), two.EventIds.Order(StringComparer.Ordinal));
        Assert.Equal(two.EventIds.Count, two.DistinctEvents);
        Assert.Equal(one.BadRecords.Order(StringComparer.Ordinal), two.BadRecords.Order(StringComparer.Ordinal));
        Assert.Equal((one.Sessions, one.SessionsHash), (two.Sessions, two.SessionsHash));
        Assert.True(two.Sessions > 1_000, $"{two.Sessions} sessions");

        (exit, said) = await JobProcess.RunAsync(on, "lag", "--out", shared);
        Assert.True(exit == 0, said);
        Assert.Contains("shared: 0 records behind", said, StringComparison.Ordinal);
    }
}
