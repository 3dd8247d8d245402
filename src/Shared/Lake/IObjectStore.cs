namespace Media.Lake;

// The lake, from the bytes up:
//   IObjectStore.cs (this file: keys and bytes; LocalObjectStore.cs on a disk, S3ObjectStore.cs in a bucket, StoreAddress.cs says which) → ParquetFile.cs (batches ⇄ bytes) → DeltaLog.cs (which files are the table, by version)
//   → DeltaTable.cs (append, replace, read) ← Tables.cs (every table and column) and …Columns.cs (records ⇄ batches).

/// <summary>Bytes by key: what a lake and a registry need of S3 or of a disk.</summary>
/// <remarks>
/// Keys are relative, segments joined by '/', none empty, "." or "..". A put is whole or absent, never half. Reads see every put that has
/// returned. Thread-safe, also between processes.
/// </remarks>
/// <exception cref="IOException">The store cannot do it; the message names the place and the reason.</exception>
/// <exception cref="ArgumentException">A key is not of the form above.</exception>
public interface IObjectStore
{
    /// <summary>Writes, replacing what stands there.</summary>
    Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel);

    /// <summary>Writes unless something stands there. Of all who race for a key exactly one gets true.</summary>
    Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel);

    /// <summary>The whole object, or null when there is none.</summary>
    Task<byte[]?> GetAsync(string key, CancellationToken cancel);

    /// <summary>A part of the object, or null when there is none.</summary>
    /// <param name="offset">≥ 0</param>
    /// <param name="length">≥ 0; the answer is shorter where the object ends.</param>
    Task<byte[]?> GetRangeAsync(string key, long offset, int length, CancellationToken cancel);

    /// <summary>Size and time of the object, or null when there is none.</summary>
    Task<StoredObject?> FindAsync(string key, CancellationToken cancel);

    /// <summary>All objects whose key starts with <paramref name="prefix"/> (any text, "" for all), by key in ordinal order.</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancel);

    /// <summary>Removes the object; nothing happens when there is none.</summary>
    Task DeleteAsync(string key, CancellationToken cancel);
}

/// <summary>An object as a listing shows it.</summary>
/// <param name="Size">bytes</param>
public sealed record StoredObject(string Key, long Size, DateTimeOffset LastModified);
