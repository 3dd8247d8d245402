using Media.Lake;
using Media.Tests.Engines;

namespace Media.Tests.Lake;

/// <summary>The suite on another S3 implementation, so that nothing here is MinIO's alone.</summary>
public sealed class CephObjectStoreTests(OneCeph ceph) : ObjectStoreTests, IAsyncLifetime
{
    private TestBucket _bucket = null!;

    protected override IObjectStore Store => field ??= new S3ObjectStore(_bucket.Name, "some/where", _bucket.Options);

    public async ValueTask InitializeAsync() => _bucket = await ceph.NewBucketAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task ObjectOfManyParts_IsTheSameAgain()
    {
        var bytes = new byte[(21 << 20) + 5];
        new Random(5).NextBytes(bytes);
        using var store = new S3ObjectStore(_bucket.Name, "", _bucket.Options with { PartMiB = 5 });
        await store.PutAsync("big", bytes, TestContext.Current.CancellationToken);
        Assert.True((await store.GetAsync("big", TestContext.Current.CancellationToken))!.AsSpan().SequenceEqual(bytes));
    }
}
