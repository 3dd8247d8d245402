using System.Diagnostics;
using System.Globalization;
using Media.Tests.Lake;
using Media.Warehouse;

namespace Media.Tests.Warehouse;

/// <summary>The engine beside .NET in one process: neither takes the other's signals, and a folder has one owner.</summary>
public class EmbeddedEngineTests
{
    private const string FolderVariable = "MEDIA_TEST_WAREHOUSE_FOLDER";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A handler of the engine's in the way of .NET's lets the process stand still or die: in one of its own that is a failure with its last words, not a run that never ends.</summary>
    [Theory]
    [InlineData(nameof(NullReferences))]
    [InlineData(nameof(Collections))]
    public async Task SignalsOfDotNet_StayItsOwn(string method)
    {
        Assert.SkipWhen(TestWarehouse.IsServer, "A server runs in a process of its own.");
        Assert.SkipUnless(WarehouseClient.EmbeddedIsHere, "The embedded ClickHouse was not restored (npm).");
        using var folder = new TemporaryFolder();
        using var process = TestProcess.OfTest(typeof(EmbeddedEngineTests), method, (FolderVariable, folder.Path));
        var exit = await process.ExitAsync(TimeSpan.FromSeconds(60));
        Assert.True(exit == 0, $"It ended with exit code {exit}.\n{process.Output}{process.Errors}");
        foreach (var line in process.Output.Split('\n').Where(l => l.Contains("pause of a collection", StringComparison.Ordinal))) TestContext.Current.TestOutputHelper?.WriteLine(line.Trim());
    }

    /// <summary>Not a test of its own: part of the one above.</summary>
    [Fact(Explicit = true)]
    public async Task NullReferences()
    {
        using var warehouse = await OpenInFolderAsync();
        await warehouse.ScalarAsync<long>("SELECT count() FROM numbers(1000000)", Cancel);
        var caught = 0;
        for (var i = 0; i < 1000; i++)
        {
            try { Assert.Equal(0, LengthOf(null!)); }
            catch (NullReferenceException) { caught++; }
        }
        Assert.Equal(1000, caught);
    }

    /// <summary>Not a test of its own: part of the one above.</summary>
    [Fact(Explicit = true)]
    public async Task Collections()
    {
        // The engine's handler of the signal by which .NET stops its threads would let each collection wait some 2,000 ms.
        using var warehouse = await OpenInFolderAsync();
        using var second = await OpenInFolderAsync();
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
        using var holder = TestProcess.OfTest(typeof(EmbeddedEngineTests), nameof(HoldingProcess), (FolderVariable, folder.Path));
        while (!holder.HasExited && !File.Exists(Path.Combine(folder.Path, "held"))) await Task.Yield();
        // The engine of this process has its own folder already, so another process asks.
        Assert.False(holder.HasExited, "the holder ended early");
        using var second = TestProcess.OfTest(typeof(EmbeddedEngineTests), nameof(HoldingProcess), (FolderVariable, folder.Path));
        Assert.NotEqual(0, await second.ExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("Another process has the warehouse", second.Output, StringComparison.Ordinal);
        await holder.KillAsync();
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

    private static Task<WarehouseClient> OpenInFolderAsync()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(FolderVariable) is not null, $"{FolderVariable} is not set: this runs only inside the process that the test above starts.");
        return WarehouseClient.OpenAsync(new() { Path = Path.Combine(Environment.GetEnvironmentVariable(FolderVariable)!, "warehouse") }, Cancel);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static int LengthOf(string text) => text.Length;
}
