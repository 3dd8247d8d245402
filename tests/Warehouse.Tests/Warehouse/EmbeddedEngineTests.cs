using System.Diagnostics;
using System.Globalization;
using Media.Tests.Lake;
using Media.Warehouse;

namespace Media.Tests.Warehouse;

/// <summary>The engine beside .NET in one process: neither takes the other's signals, and a folder has one owner.</summary>
public class EmbeddedEngineTests(TestWarehouse tests)
{
    private const string FolderVariable = "MEDIA_TEST_WAREHOUSE_FOLDER";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NullReferences_AreStillExceptions()
    {
        using var warehouse = await OpenEmbeddedAsync();
        await warehouse.ScalarAsync<long>("SELECT count() FROM numbers(1000000)", Cancel);
        var caught = 0;
        for (var i = 0; i < 1000; i++)
        {
            try { Assert.Equal(0, LengthOf(null!)); }
            catch (NullReferenceException) { caught++; }
        }
        Assert.Equal(1000, caught);
    }

    [Fact]
    public async Task Collections_PauseAsBriefly()
    {
        // The engine's handler of the signal by which .NET stops its threads would let each collection wait some 2,000 ms.
        using var warehouse = await OpenEmbeddedAsync();
        using var second = await OpenEmbeddedAsync();
        await second.ScalarAsync<long>("SELECT count() FROM numbers(1000000)", Cancel);
        var stop = false;
        var busy = new Thread(() => { for (var x = 0L; !Volatile.Read(ref stop);) x = unchecked(x * 31 + 7); });
        busy.Start();
        var pauses = new List<double>();
        for (var i = 0; i < 40 && pauses.Sum() < 5_000; i++)
        {
            var started = Stopwatch.GetTimestamp();
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            pauses.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        Volatile.Write(ref stop, true);
        busy.Join();
        pauses.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pause of a collection: median {pauses[pauses.Count / 2]:0.00} ms, longest {pauses[^1]:0.00} ms"));
        // The median: a machine that does other work too may hold up single ones.
        Assert.InRange(pauses[pauses.Count / 2], 0, 20);
    }

    [Fact]
    public async Task SecondProcessOnOneFolder_IsRefusedInOneLine()
    {
        Assert.SkipUnless(WarehouseClient.EmbeddedIsHere, "The embedded ClickHouse was not restored (npm).");
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["--explicit", "only", "--filter-method", $"{typeof(EmbeddedEngineTests).FullName}.{nameof(HoldingProcess)}"])
        {
            RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        start.Environment[FolderVariable] = folder.Path;
        using var holder = Process.Start(start)!;
        try
        {
            holder.OutputDataReceived += (_, _) => { };
            holder.BeginOutputReadLine();
            while (!holder.HasExited && !File.Exists(Path.Combine(folder.Path, "held"))) await Task.Yield();
            // The engine of this process has its own folder already, so another process asks.
            Assert.False(holder.HasExited, "the holder ended early");
            start.RedirectStandardInput = false;
            using var second = Process.Start(start)!;
            var said = await second.StandardOutput.ReadToEndAsync(Cancel);
            await second.WaitForExitAsync(Cancel);
            Assert.NotEqual(0, second.ExitCode);
            Assert.Contains("Another process has the warehouse", said, StringComparison.Ordinal);
        }
        finally
        {
            holder.Kill();
            await holder.WaitForExitAsync(Cancel);
        }
    }

    /// <summary>Not a test of its own: what the processes above run. It holds the folder until it is killed.</summary>
    [Fact(Explicit = true)]
    public async Task HoldingProcess()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(FolderVariable) is not null, $"{FolderVariable} is not set: this runs only inside the processes that the test above starts.");
        var folder = Environment.GetEnvironmentVariable(FolderVariable)!;
        using var warehouse = await WarehouseClient.OpenAsync(new() { Path = Path.Combine(folder, "warehouse") }, Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "held"), "", Cancel);
        await Task.Delay(Timeout.Infinite, Cancel);
    }

    private async Task<WarehouseClient> OpenEmbeddedAsync()
    {
        Assert.SkipWhen(TestWarehouse.IsServer, "A server runs in a process of its own.");
        return await tests.OpenAsync();
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static int LengthOf(string text) => text.Length;
}
