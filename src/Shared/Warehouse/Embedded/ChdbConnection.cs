using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Media.Warehouse.Embedded;

/// <summary>One connection to the engine in this process. Not thread-safe; several work side by side.</summary>
internal sealed unsafe partial class ChdbConnection : IDisposable
{
    private const string ReadOnly = "readonly";
    private static readonly Lock Opening = new();
    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);
    private nint* _connection;

    private ChdbConnection(nint* connection) => _connection = connection;

    private nint Handle => *_connection;

    /// <summary>The database that unqualified names mean; "default" at first.</summary>
    public string Database { get; private set; } = "default";

    /// <exception cref="ChdbException">The engine does not open, e.g. code 76: another process has the folder.</exception>
    public static ChdbConnection Open(IReadOnlyList<string> arguments)
    {
        var words = arguments.Prepend("chdb").Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        try
        {
            var pointers = stackalloc byte*[words.Length];
            for (var i = 0; i < words.Length; i++) pointers[i] = (byte*)words[i];
            nint* connection;
            string said;
            lock (Opening)
            {
                Chdb.SetSignalHandlersEnabled(0);
                var given = (nint)pointers;
                connection = (nint*)EngineErrors.Catching(() => (nint)ClrSignals.Keeping(() => (nint)Chdb.Connect(words.Length, (byte**)given)), out said);
            }
            if (connection == null || *connection == 0) throw new ChdbException(said.Length > 0 ? said : "Code: 76. DB::Exception: the engine does not open, and does not say why.");
            if (said.Length > 0) Console.Error.Write(said);
            return new ChdbConnection(connection);
        }
        finally
        {
            foreach (var word in words) Marshal.FreeCoTaskMem(word);
        }
    }

    public void Use(string database)
    {
        if (Database == database) return;
        Execute($"USE `{database.Replace("`", "``", StringComparison.Ordinal)}`");
        Database = database;
    }

    /// <summary>A connection that was set to only read cannot be set back.</summary>
    public bool IsReadOnly => _settings.ContainsKey(ReadOnly);

    /// <summary>Makes these settings, and no others, hold from here on; what holds already costs nothing.</summary>
    public void Apply(IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        var wanted = settings.Select(s => s.Key).ToHashSet(StringComparer.Ordinal);
        var former = _settings.Keys.Where(name => !wanted.Contains(name)).ToList();
        if (former.Count > 0) Execute($"SET {string.Join(", ", former.Select(name => $"{name} = DEFAULT"))}");
        foreach (var name in former) _settings.Remove(name);
        // readonly comes last: after it nothing can be set.
        foreach (var (name, value) in settings.OrderBy(s => s.Key == ReadOnly))
        {
            if (_settings.TryGetValue(name, out var held) && held == value) continue;
            if (!SettingName().IsMatch(name)) throw new ChdbException($"Code: 115. DB::Exception: '{name}' is no setting.");
            Execute($"SET {name} = '{value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'");
            _settings[name] = value;
        }
    }

    public void Execute(string sql) => Query(sql, "Null", []);

    /// <summary>The whole answer at once.</summary>
    public byte[] Query(string sql, string format, IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        var result = Call(sql, format, parameters, stream: false);
        try
        {
            Chdb.ThrowIfError(result);
            return new ReadOnlySpan<byte>(Chdb.Buffer(result), checked((int)Chdb.Length(result))).ToArray();
        }
        finally
        {
            if (result != 0) Chdb.DestroyResult(result);
        }
    }

    /// <summary>The answer piece by piece, each a whole document of the format.</summary>
    /// <returns>To be given to <see cref="Next"/> and in the end to <see cref="End"/>.</returns>
    public nint Begin(string sql, string format, IReadOnlyList<KeyValuePair<string, string>> parameters)
    {
        var stream = Call(sql, format, parameters, stream: true);
        try { Chdb.ThrowIfError(stream); }
        catch
        {
            if (stream != 0) Chdb.DestroyResult(stream);
            throw;
        }
        return stream;
    }

    /// <returns>A piece, to be destroyed by the caller; of length 0 at the end.</returns>
    public nint Next(nint stream)
    {
        var piece = Chdb.Fetch(Handle, stream);
        try { Chdb.ThrowIfError(piece); }
        catch
        {
            if (piece != 0) Chdb.DestroyResult(piece);
            throw;
        }
        return piece;
    }

    /// <param name="whole">False when pieces are still to come: the engine stops working on them.</param>
    public void End(nint stream, bool whole)
    {
        if (!whole) Chdb.CancelQuery(Handle, stream);
        Chdb.DestroyResult(stream);
    }

    /// <summary>Inserts what the body holds, all or, when it fails, nothing of the block at hand.</summary>
    /// <param name="sql">INSERT INTO … without FORMAT.</param>
    /// <returns>Rows written, those of materialized views included.</returns>
    public ulong Insert(string sql, string format, Stream body, CancellationToken cancel)
    {
        var insert = BeginInsert(sql, format);
        var finished = false;
        try
        {
            ThrowIfInsertError(insert);
            var buffer = new byte[1 << 20];
            while (body.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is var read && read > 0)
            {
                cancel.ThrowIfCancellationRequested();
                fixed (byte* bytes = buffer)
                    if (Chdb.Append(insert, bytes, (nuint)read) != 0)
                    {
                        ThrowIfInsertError(insert);
                        throw new ChdbException("Code: 1000. DB::Exception: the engine took no more rows.");
                    }
            }
            var result = Chdb.FinishInsert(insert);
            finished = true;
            try
            {
                Chdb.ThrowIfError(result);
                return Chdb.RowsWritten(result);
            }
            finally
            {
                if (result != 0) Chdb.DestroyResult(result);
            }
        }
        finally
        {
            if (!finished) Chdb.CancelInsert(insert);
            Chdb.DestroyInsert(insert);
        }
    }

    public void Dispose()
    {
        if (_connection == null) return;
        Chdb.Close(_connection);
        _connection = null;
    }

    private nint BeginInsert(string sql, string format)
    {
        byte[] sqlBytes = Encoding.UTF8.GetBytes(sql), formatBytes = Encoding.UTF8.GetBytes(format);
        fixed (byte* s = sqlBytes, f = formatBytes)
            return Chdb.StreamInsert(Handle, s, (nuint)sqlBytes.Length, f, (nuint)formatBytes.Length);
    }

    private static void ThrowIfInsertError(nint insert)
    {
        if (insert == 0) throw new ChdbException("Code: 1000. DB::Exception: the engine did not begin the insert.");
        if (Chdb.InsertError(insert) is var error && error != null) throw new ChdbException(Marshal.PtrToStringUTF8((nint)error)!);
    }

    private nint Call(string sql, string format, IReadOnlyList<KeyValuePair<string, string>> parameters, bool stream)
    {
        byte[] sqlBytes = Encoding.UTF8.GetBytes(sql), formatBytes = Encoding.UTF8.GetBytes(format);
        var pins = new List<GCHandle>();
        var count = parameters.Count;
        byte** names = stackalloc byte*[count + 1], values = stackalloc byte*[count + 1];
        nuint* nameLengths = stackalloc nuint[count + 1], valueLengths = stackalloc nuint[count + 1];
        try
        {
            for (var i = 0; i < count; i++)
            {
                names[i] = Pin(parameters[i].Key, pins, out nameLengths[i]);
                values[i] = Pin(parameters[i].Value, pins, out valueLengths[i]);
            }
            fixed (byte* s = sqlBytes, f = formatBytes)
                return stream
                    ? Chdb.StreamQuery(Handle, s, (nuint)sqlBytes.Length, f, (nuint)formatBytes.Length, names, nameLengths, values, valueLengths, (nuint)count)
                    : Chdb.Query(Handle, s, (nuint)sqlBytes.Length, f, (nuint)formatBytes.Length, names, nameLengths, values, valueLengths, (nuint)count);
        }
        finally
        {
            foreach (var pin in pins) pin.Free();
        }
    }

    private static byte* Pin(string text, List<GCHandle> pins, out nuint length)
    {
        // One byte more, so that an empty text has an address too.
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        length = (nuint)Encoding.UTF8.GetBytes(text, bytes);
        var pin = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        pins.Add(pin);
        return (byte*)pin.AddrOfPinnedObject();
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex SettingName();
}
