using System.Diagnostics;
using Media.Lake;

namespace Media.Tests.Lake;

/// <summary>Tables that other engines wrote, with the rows they must give: each is read right or refused by name, never misread.</summary>
public sealed class GoldenTableTests : IDisposable
{
    private const string Folder = "delta-golden";
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Tables outside what is read here, or damaged on purpose, and the words that must be in the refusal.</summary>
    private static readonly Dictionary<string, (Type Fault, string Words)> Refused = new(StringComparer.Ordinal)
    {
        ["data-reader-timestamp_ntz-name-mode"] = (typeof(UnsupportedDeltaException), "'columnMapping'"),
        ["data-skipping-basic-stats-all-types-columnmapping-name"] = (typeof(UnsupportedDeltaException), "'columnMapping'"),
        ["deltalog-commit-info"] = (typeof(InvalidDataException), "no schema"),
        ["deltalog-invalid-protocol-version"] = (typeof(UnsupportedDeltaException), "reader version 99"),
        ["deltalog-state-reconstruction-from-checkpoint-missing-protocol"] = (typeof(InvalidDataException), "no protocol"),
        ["deltalog-state-reconstruction-without-protocol"] = (typeof(InvalidDataException), "no protocol"),
        ["dv-with-columnmapping"] = (typeof(UnsupportedDeltaException), "'deletionVectors', 'columnMapping'"),
        ["log-replay-dv-key-cases"] = (typeof(UnsupportedDeltaException), "'deletionVectors'"),
        ["no-delta-log-folder"] = (typeof(FileNotFoundException), "no Delta table"),
        ["update-deleted-directory"] = (typeof(InvalidDataException), "no schema"),
        ["table-with-columnmapping-mode-name"] = (typeof(UnsupportedDeltaException), "'columnMapping'"),
    };

    public static TheoryData<string> Tables => SharedData.Find("data", Folder) is { } folder
        ? [.. Directory.GetFiles(folder, "*.tar.zst").Select(f => Path.GetFileName(f)[..^".tar.zst".Length]).Order(StringComparer.Ordinal)]
        : ["absent"];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Tables))]
    public async Task GoldenTable_IsReadAsExpectedOrRefusedByName(string name)
    {
        var root = Unpack(name);
        var store = new LocalObjectStore(root, flush: false);
        if (Refused.TryGetValue(name, out var refusal))
        {
            var fault = await Assert.ThrowsAsync(refusal.Fault, () => DeltaTable.OpenAsync(store, "delta", Cancel));
            Assert.Contains(refusal.Words, fault.Message, StringComparison.Ordinal);
            return;
        }
        var table = await DeltaTable.OpenAsync(store, "delta", Cancel);
        var rows = await RowText.SortedAsync(table.ReadAsync(Cancel));
        Assert.Equal(await ExpectedAsync(root, table.Schema), rows);
    }

    /// <summary>What the log alone says, where a golden table has no rows to compare.</summary>
    [Theory]
    [InlineData("canonicalized-paths-normal-b", 1, 0)]
    [InlineData("canonicalized-paths-special-b", 1, 0)]
    [InlineData("basic-with-inserts-deletes-checkpoint", 13, 7)]
    [InlineData("snapshot-data2-deleted", 4, 3)]
    [InlineData("v2-checkpoint-parquet", 2, 4)]
    public async Task GoldenLog_GivesTheState(string name, long version, int files)
    {
        var table = await DeltaTable.OpenAsync(new LocalObjectStore(Unpack(name), flush: false), "delta", Cancel);
        var state = await table.StateAsync(Cancel);
        Assert.Equal((version, files), (state.Version, state.Files));
    }

    /// <summary>Parquet files beside the table, written from the same rows without Delta; none means no row.</summary>
    private static async Task<List<string>> ExpectedAsync(string root, TableSchema schema)
    {
        var rows = new List<string>();
        var folder = Path.Combine(root, "expected");
        if (!Directory.Exists(folder)) return rows;
        foreach (var file in Directory.GetFiles(folder, "*.parquet"))
            rows.AddRange(await RowText.SortedAsync(ParquetFile.ReadAsync(await File.ReadAllBytesAsync(file, Cancel), schema.Columns, file, Cancel)));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    private string Unpack(string name)
    {
        var archive = name == "absent" ? SharedData.PathOrSkip("data", Folder) : SharedData.PathOrSkip("data", Folder, $"{name}.tar.zst");
        try
        {
            using var tar = Process.Start(new ProcessStartInfo("tar", ["--zstd", "-xf", archive, "-C", _folder.Path]) { RedirectStandardError = true })!;
            var said = tar.StandardError.ReadToEnd();
            tar.WaitForExit();
            if (tar.ExitCode != 0) Assert.Skip($"tar cannot unpack zstd here: {said}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("tar is not on this machine.");
        }
        return Path.Combine(_folder.Path, name);
    }
}
