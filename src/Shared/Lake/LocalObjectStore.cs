using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Media.Lake;

/// <summary>Objects as files under one folder.</summary>
/// <remarks>
/// A put writes a temporary file in <c>.tmp</c> under the root, flushes it to the disk and gives it its name in one step, so that a crash leaves
/// the whole object or none; leftovers in <c>.tmp</c> are never listed. The file system must be able to make hard links (ext4, xfs, APFS, NTFS do).
/// Thread-safe, also between processes.
/// </remarks>
public sealed partial class LocalObjectStore : IObjectStore
{
    private const string TemporaryFolder = ".tmp";
    private readonly string _root;
    private readonly bool _flush;

    /// <param name="root">The folder; made when absent.</param>
    /// <param name="flush">Whether a put is on the disk when it returns, so that it also outlives a power cut. Default true.</param>
    public LocalObjectStore(string root, bool flush = true)
    {
        (_root, _flush) = (Path.GetFullPath(root), flush);
        Explained("use", _root, () => Directory.CreateDirectory(Path.Combine(_root, TemporaryFolder)));
    }

    /// <summary>The folder, as a full path.</summary>
    public string Root => _root;

    public async Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var path = PathOf(key);
        var temporary = await WriteTemporaryAsync(path, bytes, cancel);
        Explained("write", path, () =>
        {
            MakeFolder(Path.GetDirectoryName(path)!);
            Finally(temporary, () => File.Move(temporary, path, overwrite: true));
            FlushFolder(Path.GetDirectoryName(path)!);
        });
    }

    public async Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var path = PathOf(key);
        if (File.Exists(path)) return false;
        var temporary = await WriteTemporaryAsync(path, bytes, cancel);
        var won = false;
        Explained("write", path, () =>
        {
            MakeFolder(Path.GetDirectoryName(path)!);
            Finally(temporary, () => won = TryName(temporary, path));
            if (won) FlushFolder(Path.GetDirectoryName(path)!);
        });
        return won;
    }

    public async Task<byte[]?> GetAsync(string key, CancellationToken cancel)
    {
        var path = PathOf(key);
        return await ReadAsync(path, async file =>
        {
            var bytes = GC.AllocateUninitializedArray<byte>(checked((int)RandomAccess.GetLength(file)));
            await FillAsync(file, bytes, 0, cancel);
            return bytes;
        });
    }

    public async Task<byte[]?> GetRangeAsync(string key, long offset, int length, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return await ReadAsync(PathOf(key), async file =>
        {
            var bytes = new byte[Math.Clamp(RandomAccess.GetLength(file) - offset, 0, length)];
            await FillAsync(file, bytes, offset, cancel);
            return bytes;
        });
    }

    public Task<StoredObject?> FindAsync(string key, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var file = new FileInfo(PathOf(key));
        return Task.FromResult(file.Exists ? new StoredObject(key, file.Length, file.LastWriteTimeUtc) : null);
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        cancel.ThrowIfCancellationRequested();
        foreach (var found in Explained("list", _root, () => Listed(prefix)))
            yield return found;
    }

    public Task DeleteAsync(string key, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var path = PathOf(key);
        Explained("delete", path, () =>
        {
            if (File.Exists(path)) File.Delete(path);
        });
        return Task.CompletedTask;
    }

    private List<StoredObject> Listed(string prefix)
    {
        // Only the deepest folder that the prefix names whole can hold a match.
        var folder = prefix.LastIndexOf('/') is var cut and >= 0 ? PathOf(prefix[..cut]) : _root;
        if (!Directory.Exists(folder)) return [];
        var found = new List<StoredObject>();
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            var key = Path.GetRelativePath(_root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (key.StartsWith(prefix, StringComparison.Ordinal) && !key.StartsWith(TemporaryFolder + "/", StringComparison.Ordinal) && file.Exists)
                found.Add(new StoredObject(key, file.Length, file.LastWriteTimeUtc));
        }
        found.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return found;
    }

    private string PathOf(string key)
    {
        ObjectKey.Check(key);
        if (key == TemporaryFolder || key.StartsWith(TemporaryFolder + "/", StringComparison.Ordinal))
            throw new ArgumentException($"'{key}' is no key: '{TemporaryFolder}' holds unfinished puts.", nameof(key));
        return Path.Combine(_root, key.Replace('/', Path.DirectorySeparatorChar));
    }

    private async Task<string> WriteTemporaryAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var temporary = Path.Combine(_root, TemporaryFolder, Guid.NewGuid().ToString("N"));
        try
        {
            using var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
            await RandomAccess.WriteAsync(file, bytes, 0, cancel);
            if (_flush) RandomAccess.FlushToDisk(file);
            return temporary;
        }
        catch (Exception fault)
        {
            if (File.Exists(temporary)) File.Delete(temporary);
            if (fault is IOException or UnauthorizedAccessException) throw Explain("write", path, fault);
            throw;
        }
    }

    private static void Finally(string temporary, Action rename)
    {
        try { rename(); }
        finally { if (File.Exists(temporary)) File.Delete(temporary); }
    }

    private static async Task<byte[]?> ReadAsync(string path, Func<Microsoft.Win32.SafeHandles.SafeFileHandle, Task<byte[]>> read)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
            return await read(file);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Explain("read", path, fault);
        }
    }

    private static async Task FillAsync(Microsoft.Win32.SafeHandles.SafeFileHandle file, Memory<byte> bytes, long offset, CancellationToken cancel)
    {
        for (var done = 0; done < bytes.Length;)
        {
            var read = await RandomAccess.ReadAsync(file, bytes[done..], offset + done, cancel);
            if (read == 0) throw new EndOfStreamException("it became shorter while being read");
            done += read;
        }
    }

    private static bool TryName(string temporary, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            try { File.Move(temporary, path, overwrite: false); return true; }
            catch (IOException) when (File.Exists(path)) { return false; }
        }
        // rename(2) replaces; link(2) does not, and is atomic.
        if (Posix.link(temporary, path) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error == Posix.FileExists ? false : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    private void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(folder)!;
        MakeFolder(parent);
        Directory.CreateDirectory(folder);
        FlushFolder(parent);
    }

    /// <summary>A name is on the disk only once its folder is flushed; Windows flushes names with its journal.</summary>
    private void FlushFolder(string folder)
    {
        if (!_flush || OperatingSystem.IsWindows()) return;
        var handle = Posix.open(folder, Posix.ReadOnly);
        if (handle < 0) throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        var flushed = Posix.fsync(handle);
        var error = Marshal.GetLastPInvokeError();
        _ = Posix.close(handle);
        if (flushed != 0) throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    private static void Explained(string verb, string path, Action act) => Explained(verb, path, () => { act(); return true; });

    private static T Explained<T>(string verb, string path, Func<T> act)
    {
        try { return act(); }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException) { throw Explain(verb, path, fault); }
    }

    private static IOException Explain(string verb, string path, Exception fault)
    {
        const int diskFullPosix = 28, diskFullWindows = unchecked((int)0x80070070);
        var reason = fault switch
        {
            UnauthorizedAccessException => "no permission",
            { HResult: diskFullPosix or diskFullWindows } => "the disk is full",
            _ => fault.Message.TrimEnd('.'),
        };
        return new IOException($"Cannot {verb} '{path}': {reason}.", fault);
    }

    /// <summary>The three calls of the C library that .NET does not offer.</summary>
    private static partial class Posix
    {
        public const int FileExists = 17, ReadOnly = 0;

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int link(string existing, string name);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int open(string path, int flags);

        [LibraryImport("libc", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int fsync(int handle);

        [LibraryImport("libc", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static partial int close(int handle);
    }
}
