using Media.Lake;

namespace Media.Tests.Lake;

/// <summary>A store that dies at every put of a chosen key, before it happens.</summary>
internal sealed class CrashingStore(IObjectStore inner, Predicate<string> dies) : PassingStore(inner)
{
    public override Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel) =>
        dies(key) ? throw new IOException("The process died here.") : base.PutAsync(key, bytes, cancel);

    public override Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel) =>
        dies(key) ? throw new IOException("The process died here.") : base.TryPutAsync(key, bytes, cancel);
}

/// <summary>A store in which something happens once, just before the first put-if-absent.</summary>
internal sealed class InterruptedStore(IObjectStore inner, Func<Task> happens) : PassingStore(inner)
{
    private bool _happened;

    public override async Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (!_happened)
        {
            _happened = true;
            await happens();
        }
        return await base.TryPutAsync(key, bytes, cancel);
    }
}

/// <summary>A store whose listings lack one object that is there, as a disk's may when it was put during the listing.</summary>
internal sealed class LatelyPutStore(IObjectStore inner, string unlisted) : PassingStore(inner)
{
    public override IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancel) =>
        base.ListAsync(prefix, cancel).Where(stored => stored.Key != unlisted);
}

internal abstract class PassingStore(IObjectStore inner) : IObjectStore
{
    public virtual Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel) => inner.PutAsync(key, bytes, cancel);
    public virtual Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel) => inner.TryPutAsync(key, bytes, cancel);
    public Task<byte[]?> GetAsync(string key, CancellationToken cancel) => inner.GetAsync(key, cancel);
    public Task<byte[]?> GetRangeAsync(string key, long offset, int length, CancellationToken cancel) => inner.GetRangeAsync(key, offset, length, cancel);
    public Task<StoredObject?> FindAsync(string key, CancellationToken cancel) => inner.FindAsync(key, cancel);
    public virtual IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancel) => inner.ListAsync(prefix, cancel);
    public Task DeleteAsync(string key, CancellationToken cancel) => inner.DeleteAsync(key, cancel);
}
