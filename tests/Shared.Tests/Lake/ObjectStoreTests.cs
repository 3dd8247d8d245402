using Media.Lake;

namespace Media.Tests.Lake;

/// <summary>What every object store must do; each implementation runs this suite.</summary>
public abstract class ObjectStoreTests
{
    protected abstract IObjectStore Store { get; }
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a")]
    [InlineData("folder/b.json")]
    [InlineData("events/event_date=2026-01-31/part 0 ä%.parquet")]
    public async Task PutThenGet_GivesTheSameBytes(string key)
    {
        await Store.PutAsync(key, new byte[] { 1, 2, 3 }, Cancel);
        Assert.Equal([1, 2, 3], await Store.GetAsync(key, Cancel));
    }

    [Fact]
    public async Task Put_ReplacesAndMayBeEmpty()
    {
        await Store.PutAsync("k", new byte[] { 1, 2, 3 }, Cancel);
        await Store.PutAsync("k", ReadOnlyMemory<byte>.Empty, Cancel);
        Assert.Empty((await Store.GetAsync("k", Cancel))!);
    }

    [Fact]
    public async Task Absent_IsNull()
    {
        Assert.Null(await Store.GetAsync("no/such", Cancel));
        Assert.Null(await Store.GetRangeAsync("no/such", 0, 1, Cancel));
        Assert.Null(await Store.FindAsync("no/such", Cancel));
    }

    [Theory]
    [InlineData(0, 3, new byte[] { 0, 1, 2 })]
    [InlineData(7, 2, new byte[] { 7, 8 })]
    [InlineData(8, 100, new byte[] { 8, 9 })]
    [InlineData(10, 5, new byte[] { })]
    [InlineData(99, 5, new byte[] { })]
    public async Task Range_IsCutAtTheEnd(long offset, int length, byte[] expected)
    {
        await Store.PutAsync("k", new byte[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, Cancel);
        Assert.Equal(expected, await Store.GetRangeAsync("k", offset, length, Cancel));
    }

    [Fact]
    public async Task TryPut_SecondIsRefusedAndChangesNothing()
    {
        Assert.True(await Store.TryPutAsync("log/0", new byte[] { 1 }, Cancel));
        Assert.False(await Store.TryPutAsync("log/0", new byte[] { 2 }, Cancel));
        Assert.Equal([1], await Store.GetAsync("log/0", Cancel));
    }

    [Fact]
    public async Task TryPutRace_HasExactlyOneWinnerPerKey()
    {
        for (var key = 0; key < 20; key++)
        {
            var tries = await Task.WhenAll(Enumerable.Range(0, 16).Select(writer =>
                Task.Run(() => Store.TryPutAsync($"race/{key}", new[] { (byte)writer }, Cancel), Cancel)));
            Assert.Equal(1, tries.Count(won => won));
            Assert.Equal([(byte)System.Array.IndexOf(tries, true)], (await Store.GetAsync($"race/{key}", Cancel))!);
        }
    }

    [Fact]
    public async Task List_IsOrderedByKeyAndHoldsWhatTheyHold()
    {
        foreach (var key in new[] { "t/b", "t/a/z", "t/a.c", "tt/x", "u" }) await Store.PutAsync(key, new byte[key.Length], Cancel);
        Assert.Equal(["t/a.c", "t/a/z", "t/b"], await KeysAsync("t/"));
        Assert.Equal(["t/a.c", "t/a/z", "t/b", "tt/x"], await KeysAsync("t"));
        Assert.Equal(["t/a.c", "t/a/z"], await KeysAsync("t/a"));
        Assert.Equal(5, (await KeysAsync("")).Count);
        Assert.Empty(await KeysAsync("none/"));
        await foreach (var found in Store.ListAsync("t/", Cancel)) Assert.Equal(found.Key.Length, found.Size);
    }

    [Fact]
    public async Task Delete_RemovesAndIsHarmlessWhenAbsent()
    {
        await Store.PutAsync("k", new byte[] { 1 }, Cancel);
        await Store.DeleteAsync("k", Cancel);
        await Store.DeleteAsync("k", Cancel);
        Assert.Null(await Store.FindAsync("k", Cancel));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a//b")]
    [InlineData("../a")]
    [InlineData("a/..")]
    [InlineData("./a")]
    public async Task KeyThatIsNoName_IsRefused(string key) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Store.PutAsync(key, new byte[] { 1 }, Cancel));

    [Fact]
    public async Task Cancelled_DoesNotWrite()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TryPutAsync("k", new byte[] { 1 }, cancelled.Token));
        Assert.Null(await Store.FindAsync("k", Cancel));
        Assert.Empty(await KeysAsync(""));
    }

    private async Task<List<string>> KeysAsync(string prefix)
    {
        var keys = new List<string>();
        await foreach (var found in Store.ListAsync(prefix, Cancel)) keys.Add(found.Key);
        return keys;
    }
}
