using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Media.Lake;

/// <summary>The log of a table, <c>_delta_log/</c>: numbered commits, each put if absent, so that every version has one author.</summary>
/// <remarks>Thread-safe, also between processes.</remarks>
/// <seealso href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md">Delta protocol</seealso>
internal sealed class DeltaLog(IObjectStore store, string table)
{
    private string Folder => $"{table}/_delta_log/";

    /// <summary>The table at a version (the latest when null), or null when nothing was ever committed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such version, or it can no longer be rebuilt.</exception>
    /// <exception cref="InvalidDataException">The log is damaged.</exception>
    /// <exception cref="UnsupportedDeltaException">The table needs more than is read here.</exception>
    public async Task<DeltaSnapshot?> LoadAsync(long? version, CancellationToken cancel)
    {
        long latest = -1;
        var parts = new List<StoredObject>();
        await foreach (var found in store.ListAsync(Folder, cancel))
        {
            var name = found.Key[Folder.Length..];
            if (CommitVersion(name) is { } commit) latest = Math.Max(latest, commit);
            else parts.Add(found);
        }
        var checkpoints = DeltaCheckpoint.Complete(parts, Folder).ToList();
        latest = Math.Max(latest, checkpoints.Select(c => c.Version).DefaultIfEmpty(-1).Max());
        if (latest < 0) return null;
        var target = version ?? latest;
        if (target < 0 || target > latest)
            throw new ArgumentOutOfRangeException(nameof(version), version, $"Table '{table}' has versions up to {latest}.");

        var start = checkpoints.Where(c => c.Version <= target).MaxBy(c => c.Version);
        var snapshot = start is null ? DeltaSnapshot.Empty : DeltaSnapshot.Empty.Apply(start.Version, await start.ReadAsync(store, Folder, cancel));
        for (var v = snapshot.Version + 1; v <= target; v++)
        {
            // Asked for by name, for a listing made while others commit may lack one and still show a later one.
            var actions = await ReadCommitAsync(v, cancel)
                ?? throw new InvalidDataException($"The log of table '{table}' lacks commit {v}, so version {target} cannot be rebuilt.");
            snapshot = snapshot.Apply(v, actions);
        }
        return Checked(snapshot);
    }

    /// <summary>The table after all commits that came since.</summary>
    public async Task<DeltaSnapshot> AdvanceAsync(DeltaSnapshot snapshot, CancellationToken cancel)
    {
        var newer = snapshot;
        while (await ReadCommitAsync(newer.Version + 1, cancel) is { } actions) newer = newer.Apply(newer.Version + 1, actions);
        return ReferenceEquals(newer, snapshot) ? snapshot : Checked(newer);
    }

    /// <summary>Writes the commit unless someone else wrote that version first.</summary>
    public async Task<bool> TryCommitAsync(long version, IReadOnlyList<DeltaAction> actions, CancellationToken cancel)
    {
        using var lines = new MemoryStream();
        foreach (var action in actions)
        {
            JsonSerializer.Serialize(lines, action, DeltaJson.Default.DeltaAction);
            lines.WriteByte((byte)'\n');
        }
        return await store.TryPutAsync(CommitKey(version), lines.GetBuffer().AsMemory(0, (int)lines.Length), cancel);
    }

    /// <summary>Writes the state of the table beside its commits, and where it lies.</summary>
    public async Task WriteCheckpointAsync(DeltaSnapshot snapshot, DateTimeOffset now, CancellationToken cancel)
    {
        var (bytes, actions) = CheckpointWriter.Write(snapshot, now);
        await store.PutAsync(string.Create(CultureInfo.InvariantCulture, $"{Folder}{snapshot.Version:D20}.checkpoint.parquet"), bytes, cancel);
        // A slower writer may put an older one over a newer one: readers begin there and look for newer ones themselves.
        var last = new LastCheckpoint(snapshot.Version, actions, bytes.Length, snapshot.Files.Count);
        await store.PutAsync(Folder + "_last_checkpoint", JsonSerializer.SerializeToUtf8Bytes(last, DeltaJson.Default.LastCheckpoint), cancel);
    }

    /// <summary>What every commit still in the log says of itself, oldest first.</summary>
    public async IAsyncEnumerable<DeltaVersion> HistoryAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var previous = DateTimeOffset.MinValue;
        await foreach (var found in store.ListAsync(Folder, cancel))
        {
            if (CommitVersion(found.Key[Folder.Length..]) is not { } version || await ReadCommitAsync(version, cancel) is not { } actions) continue;
            var info = actions.Select(a => a.CommitInfo).FirstOrDefault(i => i is not null);
            var stated = info?.Timestamp is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : found.LastModified;
            // Clocks of writers differ; the order of versions decides.
            previous = stated > previous ? stated : previous.AddMilliseconds(1);
            yield return new DeltaVersion(version, previous, info?.Operation ?? "unknown", info?.EngineInfo);
        }
    }

    private DeltaSnapshot Checked(DeltaSnapshot snapshot)
    {
        if (snapshot.Protocol is null) throw new InvalidDataException($"The log of table '{table}' has no protocol up to version {snapshot.Version}.");
        if (snapshot.Metadata is null) throw new InvalidDataException($"The log of table '{table}' has no metadata up to version {snapshot.Version}.");
        if (string.IsNullOrEmpty(snapshot.Metadata.SchemaString)) throw new InvalidDataException($"Table '{table}' has no schema at version {snapshot.Version}.");
        DeltaProtocol.CheckReadable(table, snapshot.Protocol, snapshot.Metadata);
        return snapshot;
    }

    /// <summary>What a commit did; null when it is not there.</summary>
    public async Task<IReadOnlyList<DeltaAction>?> ReadCommitAsync(long version, CancellationToken cancel) =>
        await store.GetAsync(CommitKey(version), cancel) is { } bytes ? ParseLines(bytes, CommitKey(version)) : null;

    /// <exception cref="InvalidDataException">A line is no action.</exception>
    public static IReadOnlyList<DeltaAction> ParseLines(ReadOnlySpan<byte> bytes, string file)
    {
        var actions = new List<DeltaAction>();
        foreach (var range in bytes.Split((byte)'\n'))
        {
            var line = bytes[range].Trim(" \r\t"u8);
            if (line.IsEmpty) continue;
            try
            {
                actions.Add(JsonSerializer.Deserialize(line, DeltaJson.Default.DeltaAction) ?? throw new JsonException("null"));
            }
            catch (JsonException fault)
            {
                throw new InvalidDataException($"'{file}' holds a line that is no Delta action: {fault.Message}", fault);
            }
        }
        return actions;
    }

    private string CommitKey(long version) => string.Create(CultureInfo.InvariantCulture, $"{Folder}{version:D20}.json");

    private static long? CommitVersion(string name) =>
        name.Length == 25 && name.EndsWith(".json", StringComparison.Ordinal) && long.TryParse(name.AsSpan(0, 20), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version : null;
}

/// <summary>One commit as its author described it.</summary>
/// <param name="Timestamp">Never earlier than the version before; as its author's clock said, or the store's where he said nothing.</param>
/// <param name="Operation">CREATE TABLE, WRITE …</param>
public sealed record DeltaVersion(long Version, DateTimeOffset Timestamp, string Operation, string? Engine);
