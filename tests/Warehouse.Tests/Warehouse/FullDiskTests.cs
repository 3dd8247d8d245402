using System.Diagnostics;
using System.Globalization;
using Media.Tests.Lake;
using Media.Warehouse;

namespace Media.Tests.Warehouse;

/// <summary>A disk that fills up in the middle of a load, a real one of some megabytes.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const string FolderVariable = "MEDIA_TEST_FULL_DISK_FOLDER";
    private readonly TemporaryFolder _folder = new();
    private bool _mounted;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (_mounted) Run("umount", _folder.Path);
        _folder.Dispose();
    }

    [Fact(Explicit = true), Trait("Category", "Long")]
    public async Task LoadOntoAFullDisk_IsOneLineAndCanBeRepeated()
    {
        Assert.SkipWhen(TestWarehouse.IsServer, "A server's disk is its own.");
        Assert.SkipUnless(WarehouseClient.EmbeddedIsHere, "The embedded ClickHouse was not restored (npm).");
        _mounted = Run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", _folder.Path) == 0;
        Assert.SkipUnless(_mounted, "This machine lets nobody mount a small disk (it takes root).");
        using var process = TestProcess.OfTest(typeof(FullDiskTests), nameof(LoadingProcess), (FolderVariable, _folder.Path));
        Assert.True(await process.ExitAsync() == 0, process.Output);
    }

    /// <summary>Not a test of its own: what the process above runs, for this one's engine has another folder.</summary>
    [Fact(Explicit = true)]
    public async Task LoadingProcess()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(FolderVariable) is not null, $"{FolderVariable} is not set: this runs only inside the process that the test above starts.");
        var folder = Environment.GetEnvironmentVariable(FolderVariable)!;
        using var warehouse = await WarehouseClient.OpenAsync(new() { Path = Path.Combine(folder, "warehouse") }, Cancel);
        await Migrations.ApplyAsync(warehouse, Cancel);
        var (events, sessions) = SimulatedWarehouse.Simulate(users: 600, days: 90);
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => SimulatedWarehouse.LoadAsync(warehouse, events, sessions, Cancel));
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Matches("(?i)space", refused.Message);

        // Blocks are there whole or not at all, and what is there can be asked.
        var kept = await warehouse.ScalarAsync<long>("SELECT toInt64(count()) FROM events", Cancel);
        Assert.Equal(0, kept % BlockWriter.BlockRows);
        Assert.True(kept < events.Count, string.Create(CultureInfo.InvariantCulture, $"{kept} of {events.Count} events fit"));

        Assert.Equal(0, Run("mount", "-o", "remount,size=400m", folder));
        await SimulatedWarehouse.LoadAsync(warehouse, events, sessions, Cancel);
        Assert.Equal(events.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(count()) FROM events", Cancel));
        Assert.Equal(events.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(events)) FROM counter_minute", Cancel));
        Assert.Equal(sessions.Count, await warehouse.ScalarAsync<long>("SELECT toInt64(sum(sessions)) FROM country_day", Cancel));
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
