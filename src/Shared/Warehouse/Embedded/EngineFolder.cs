namespace Media.Warehouse.Embedded;

/// <summary>The engine's folder while this process has it: one folder a process, one process a folder.</summary>
/// <remarks>Asked before the engine is, which would write its refusal to the terminal itself. Thread-safe.</remarks>
internal sealed class EngineFolder : IDisposable
{
    private const string LockName = "media.lock";

    /// <summary>What the engine makes first in a folder of its own.</summary>
    private static readonly IReadOnlyList<string> Marks = [LockName, "store", "metadata"];

    /// <summary>The system's number for a lock that another process has.</summary>
    private const int WouldBlock = 11;

    private static readonly Lock Changing = new();
    private static string? _path;
    private static FileStream? _file;
    private static int _owners;
    private bool _disposed;

    private EngineFolder(string path) => Path = path;

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>Takes the folder, or shares it with others in this process.</summary>
    /// <exception cref="WarehouseException">Another process has it, this process has another one, or it cannot be written to.</exception>
    public static EngineFolder Take(string path)
    {
        lock (Changing)
        {
            if (_path is not null && _path != path) throw new WarehouseException($"The embedded warehouse of this process is in '{_path}'; it cannot have a second one in '{path}'.");
            if (_file is null)
            {
                try
                {
                    Directory.CreateDirectory(path);
                    // The engine would put its files among those of others.
                    if (Directory.EnumerateFileSystemEntries(path).Any() && !Marks.Any(m => System.IO.Path.Exists(System.IO.Path.Combine(path, m))))
                        throw new WarehouseException($"The folder '{path}' holds other files and no warehouse: choose another.");
                    _file = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
                }
                catch (IOException e) when (e.HResult == WouldBlock)
                {
                    throw new WarehouseException($"Another process has the warehouse in '{path}': end that one, choose another folder, or use a server (Warehouse__ConnectionString).", WarehouseClient.TakenByAnotherProcess, e);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new WarehouseException($"The warehouse's folder '{path}' cannot be written to: {e.Message}", 0, e);
                }
            }
            (_path, _owners) = (path, _owners + 1);
            return new EngineFolder(path);
        }
    }

    public void Dispose()
    {
        lock (Changing)
        {
            if (_disposed) return;
            _disposed = true;
            if (--_owners > 0) return;
            _file?.Dispose();
            (_file, _path) = (null, null);
        }
    }
}
