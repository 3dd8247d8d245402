using System.Runtime.InteropServices;

namespace Media.Warehouse.Embedded;

/// <summary>The functions of chDB, ClickHouse as a library, and where it is found. Thread-safe.</summary>
/// <seealso href="https://github.com/chdb-io/chdb/blob/main/programs/local/chdb.h">chdb.h</seealso>
internal static unsafe partial class Chdb
{
    private const string Library = "libchdb";

    /// <summary>Beside the program when published; otherwise this file, made by the build, holds the way to it.</summary>
    private const string FileName = "libchdb.so", PathFileName = "libchdb.path";

    private static readonly Lazy<nint> Loaded = new(Load);

    static Chdb() => NativeLibrary.SetDllImportResolver(typeof(Chdb).Assembly, (name, _, _) => name == Library ? Loaded.Value : 0);

    /// <summary>Where the library lies, or null when the build has not restored it.</summary>
    public static string? LibraryPath
    {
        get
        {
            var folder = System.IO.Path.GetDirectoryName(typeof(Chdb).Assembly.Location) is { Length: > 0 } location ? location : AppContext.BaseDirectory;
            var beside = System.IO.Path.Combine(folder, FileName);
            if (File.Exists(beside)) return beside;
            var recorded = System.IO.Path.Combine(folder, PathFileName);
            if (!File.Exists(recorded)) return null;
            var elsewhere = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, File.ReadAllText(recorded).Trim()));
            return File.Exists(elsewhere) ? elsewhere : null;
        }
    }

    private static nint Load()
    {
        var path = LibraryPath ?? throw new WarehouseException(
            "The embedded ClickHouse is not here: it is for Linux on x64 and comes through npm. Install Node.js with npm and run 'dotnet build' again, or name a server: Warehouse__ConnectionString.");
        return NativeLibrary.Load(path);
    }

    /// <summary>Whether the engine installs its own handlers for crashes; .NET needs its own to turn them into exceptions.</summary>
    [LibraryImport(Library, EntryPoint = "chdb_set_signal_handlers_enabled")]
    public static partial void SetSignalHandlersEnabled(int enabled);

    [LibraryImport(Library, EntryPoint = "chdb_connect")]
    public static partial nint* Connect(int count, byte** arguments);

    [LibraryImport(Library, EntryPoint = "chdb_close_conn")]
    public static partial void Close(nint* connection);

    [LibraryImport(Library, EntryPoint = "chdb_query_with_params_n")]
    public static partial nint Query(nint connection, byte* sql, nuint sqlLength, byte* format, nuint formatLength, byte** names, nuint* nameLengths, byte** values, nuint* valueLengths, nuint count);

    [LibraryImport(Library, EntryPoint = "chdb_stream_query_with_params_n")]
    public static partial nint StreamQuery(nint connection, byte* sql, nuint sqlLength, byte* format, nuint formatLength, byte** names, nuint* nameLengths, byte** values, nuint* valueLengths, nuint count);

    [LibraryImport(Library, EntryPoint = "chdb_stream_fetch_result")]
    public static partial nint Fetch(nint connection, nint stream);

    [LibraryImport(Library, EntryPoint = "chdb_stream_cancel_query")]
    public static partial void CancelQuery(nint connection, nint stream);

    [LibraryImport(Library, EntryPoint = "chdb_stream_insert_n")]
    public static partial nint StreamInsert(nint connection, byte* sql, nuint sqlLength, byte* format, nuint formatLength);

    [LibraryImport(Library, EntryPoint = "chdb_stream_append")]
    public static partial int Append(nint insert, byte* bytes, nuint length);

    [LibraryImport(Library, EntryPoint = "chdb_stream_done")]
    public static partial nint FinishInsert(nint insert);

    [LibraryImport(Library, EntryPoint = "chdb_stream_cancel_insert")]
    public static partial void CancelInsert(nint insert);

    [LibraryImport(Library, EntryPoint = "chdb_stream_insert_error")]
    public static partial byte* InsertError(nint insert);

    [LibraryImport(Library, EntryPoint = "chdb_destroy_insert_stream")]
    public static partial void DestroyInsert(nint insert);

    [LibraryImport(Library, EntryPoint = "chdb_destroy_query_result")]
    public static partial void DestroyResult(nint result);

    [LibraryImport(Library, EntryPoint = "chdb_result_buffer")]
    public static partial byte* Buffer(nint result);

    [LibraryImport(Library, EntryPoint = "chdb_result_length")]
    public static partial nuint Length(nint result);

    [LibraryImport(Library, EntryPoint = "chdb_result_rows_written")]
    public static partial ulong RowsWritten(nint result);

    [LibraryImport(Library, EntryPoint = "chdb_result_error")]
    public static partial byte* Error(nint result);

    /// <exception cref="ChdbException">The result is an error.</exception>
    public static void ThrowIfError(nint result)
    {
        if (result == 0) throw new ChdbException("Code: 1000. DB::Exception: the engine gave no answer.");
        if (Error(result) is var error && error != null) throw new ChdbException(Marshal.PtrToStringUTF8((nint)error)!);
    }
}

/// <summary>The engine's own words, "Code: 62. DB::Exception: …".</summary>
internal sealed partial class ChdbException(string message) : Exception(message)
{
    /// <summary>ClickHouse's number of the error; 1000 when the words hold none.</summary>
    public int Code => CodeInWords().Match(Message) is { Success: true } match ? int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) : 1000;

    [System.Text.RegularExpressions.GeneratedRegex(@"Code: (\d+)")]
    private static partial System.Text.RegularExpressions.Regex CodeInWords();
}
