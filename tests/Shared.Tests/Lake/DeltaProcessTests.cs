using System.Diagnostics;
using System.Globalization;
using Media.Events;
using Media.Lake;

namespace Media.Tests.Lake;

/// <summary>The same promises between processes, which share nothing but the disk, and under kill −9.</summary>
[Trait("Category", "Long")]
public sealed class DeltaProcessTests : IDisposable
{
    private const string FolderVariable = "MEDIA_TEST_LAKE_FOLDER", WriterVariable = "MEDIA_TEST_LAKE_WRITER", CommitsVariable = "MEDIA_TEST_LAKE_COMMITS";
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact(Explicit = true)]
    public async Task EightProcesses_LoseNothing()
    {
        const int processes = 8, commits = 20;
        var writers = Enumerable.Range(0, processes).Select(w => Start($"w{w}", commits)).ToList();
        foreach (var writer in writers)
        {
            await writer.WaitForExitAsync(Cancel);
            Assert.Equal(0, writer.ExitCode);
            writer.Dispose();
        }
        var table = await OpenAsync(_folder.Path);
        var rows = await RowsAsync(table);
        Assert.Equal(processes * commits, (await table.StateAsync(Cancel)).Version);
        Assert.Equal(processes * commits, rows.Count);
        Assert.Equal(processes * commits, rows.Distinct().Count());
    }

    [Fact(Explicit = true)]
    public async Task KilledWriterStartedAgain_WritesEachBatchOnce()
    {
        const int kills = 6, commits = 3000;
        var random = new Random(11);
        var table = await OpenAsync(_folder.Path);
        for (var kill = 0; kill < kills; kill++)
        {
            var before = (await table.StateAsync(Cancel)).Version;
            using var writer = Start("w", commits);
            var least = before + random.Next(5, 40);
            while (!writer.HasExited && (await table.StateAsync(Cancel)).Version < least) await Task.Yield();
            writer.Kill();
            await writer.WaitForExitAsync(Cancel);

            // Whatever the kill cut short: the rows are exactly those whose transaction is recorded.
            var reopened = await OpenAsync(_folder.Path);
            var done = await reopened.TransactionVersionAsync("w", Cancel) ?? -1;
            Assert.True(done >= least - 1, $"the writer got to batch {done} only");
            Assert.Equal(Enumerable.Range(0, (int)done + 1).Select(i => $"w-{i}"), await RowsAsync(reopened));
        }
    }

    /// <summary>Not a test of its own: what the processes above run. It goes on after the last batch recorded, as a consumer does.</summary>
    [Fact(Explicit = true)]
    public async Task WriterProcess()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(FolderVariable) is not null, $"{FolderVariable} is not set: this runs only inside the processes that the tests above start.");
        var folder = Environment.GetEnvironmentVariable(FolderVariable)!;
        var name = Environment.GetEnvironmentVariable(WriterVariable)!;
        var commits = int.Parse(Environment.GetEnvironmentVariable(CommitsVariable)!, CultureInfo.InvariantCulture);
        var table = await OpenAsync(folder);
        for (var i = (await table.TransactionVersionAsync(name, Cancel) ?? -1) + 1; i < commits; i++)
            await table.AppendAsync([PredictionColumns.From([new Prediction("race", "1", new UserId($"{name}-{i}"), i, 0, i, 0)])], new DeltaTransaction(name, i), Cancel);
    }

    private Process Start(string writer, int commits)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["--explicit", "only", "--filter-method", $"{typeof(DeltaProcessTests).FullName}.{nameof(WriterProcess)}"]) { RedirectStandardOutput = true };
        start.Environment[FolderVariable] = _folder.Path;
        start.Environment[WriterVariable] = writer;
        start.Environment[CommitsVariable] = commits.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static Task<DeltaTable> OpenAsync(string folder) => DeltaTable.CreateOrOpenAsync(new LocalObjectStore(folder), "race", Media.Lake.Tables.Predictions, Cancel);

    private static async Task<List<string>> RowsAsync(DeltaTable table)
    {
        var rows = new List<string>();
        await foreach (var batch in table.ReadAsync(Cancel))
            using (batch)
                rows.AddRange(PredictionColumns.Read(batch).Select(p => p.UserId.Value));
        return rows;
    }
}
