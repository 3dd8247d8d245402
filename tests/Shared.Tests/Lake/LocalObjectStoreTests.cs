using Media.Lake;

namespace Media.Tests.Lake;

public sealed class LocalObjectStoreTests : ObjectStoreTests, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected override IObjectStore Store => field ??= new LocalObjectStore(_folder.Path, flush: false);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task LeftoverOfACrash_IsNeverSeen()
    {
        await Store.PutAsync("k", new byte[] { 1 }, Cancel);
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, ".tmp", "half"), [1, 2], Cancel);
        var keys = new List<string>();
        await foreach (var found in Store.ListAsync("", Cancel)) keys.Add(found.Key);
        Assert.Equal(["k"], keys);
        await Assert.ThrowsAsync<ArgumentException>(() => Store.GetAsync(".tmp/half", Cancel));
    }

    [Fact]
    public async Task TwoStoresOnOneFolder_SeeEachOther()
    {
        var other = new LocalObjectStore(_folder.Path);
        Assert.True(await other.TryPutAsync("a/b/c", new byte[] { 7 }, Cancel));
        Assert.False(await Store.TryPutAsync("a/b/c", new byte[] { 8 }, Cancel));
        Assert.Equal([7], await Store.GetAsync("a/b/c", Cancel));
    }

    [Fact]
    public async Task FolderWhereAFileStands_IsNamedInOneSentence()
    {
        await Store.PutAsync("k", new byte[] { 1 }, Cancel);
        var fault = await Assert.ThrowsAsync<IOException>(() => Store.PutAsync("k/below", new byte[] { 1 }, Cancel));
        Assert.StartsWith($"Cannot write '{Path.Combine(_folder.Path, "k", "below")}': ", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public async Task FolderWithoutPermission_IsNamed()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has no such modes.");
        else if (Environment.IsPrivilegedProcess) Assert.Skip("A user who may do anything cannot be refused.");
        else
        {
            var root = Path.Combine(_folder.Path, "closed");
            var store = new LocalObjectStore(root);
            File.SetUnixFileMode(Path.Combine(root, ".tmp"), UnixFileMode.UserRead);
            var fault = await Assert.ThrowsAsync<IOException>(() => store.PutAsync("k", new byte[] { 1 }, Cancel));
            File.SetUnixFileMode(Path.Combine(root, ".tmp"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Assert.EndsWith("no permission.", fault.Message, StringComparison.Ordinal);
        }
    }
}
