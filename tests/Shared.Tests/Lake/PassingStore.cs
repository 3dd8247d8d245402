using Media.Lake;

namespace Media.Tests.Lake;

/// <summary>A real store, to be watched or to fail at chosen places.</summary>
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
