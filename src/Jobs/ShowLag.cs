using System.CommandLine;
using Media.Lake;
using Media.Streaming;

namespace Media.Jobs;

/// <summary>The verb <c>lag</c>: how far the sessionizers are behind the log, partition by partition.</summary>
internal static class ShowLag
{
    public static Command Command(JobConsole console)
    {
        var verb = new Command("lag", "How far the sessionizers are behind the log: what it holds, what the group has made safe, and what the lake has, by partition.") { JobOptions.Out };
        verb.SetAction(async (parsed, cancel) =>
        {
            var kafka = JobConfiguration.Kafka() ?? throw new JobException("No Kafka is configured: set Kafka__BootstrapServers=host:9092.");
            var folder = JobConfiguration.Folder(parsed);
            var events = folder.LakeAt is null && !Directory.Exists(folder.Lake) ? null : await LakeSessions.TryOpenAsync(folder.OpenLake(), Tables.Events, cancel);
            var progress = GroupLag.Read(kafka);
            var rows = new List<IReadOnlyList<string>>();
            foreach (var partition in progress)
            {
                var lake = events is null ? null : await SessionPipeline.NextOffsetAsync(events, kafka.Topic, partition.Partition, cancel);
                rows.Add([$"{partition.Partition}", JobConsole.Count(partition.Begins), lake is { } at ? JobConsole.Count(at) : "–", partition.Committed is { } safe ? JobConsole.Count(safe) : "–", JobConsole.Count(partition.Ends), JobConsole.Count(partition.Lag)]);
                if ((lake ?? partition.Committed ?? partition.Begins) is var next && next < partition.Begins)
                    console.Line($"– partition {partition.Partition} has let go of {JobConsole.Count(partition.Begins - next)} records that were never read.");
            }
            console.Table(["partition", "log begins", "lake next", $"{kafka.GroupId} next", "log ends", "lag"], rows);
            console.Line($"  {kafka.Topic}: {JobConsole.Count(progress.Sum(p => p.Lag))} records behind");
            return 0;
        });
        return verb;
    }
}
