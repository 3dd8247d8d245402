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
