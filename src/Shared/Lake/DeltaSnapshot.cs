using System.Collections.Immutable;

namespace Media.Lake;

/// <summary>The table at one version: protocol, columns, live files, how far each application got. Immutable, thread-safe.</summary>
internal sealed record DeltaSnapshot
{
    /// <summary>Before the first commit.</summary>
    public static readonly DeltaSnapshot Empty = new();

    /// <summary>−1 before the first commit.</summary>
    public long Version { get; private init; } = -1;
    public Protocol? Protocol { get; private init; }
    public Metadata? Metadata { get; private init; }

    /// <summary>By path and deletion vector, as the protocol identifies a file.</summary>
    public ImmutableDictionary<string, LiveFile> Files { get; private init; } = ImmutableDictionary.Create<string, LiveFile>(StringComparer.Ordinal);
    public ImmutableDictionary<string, Transaction> Transactions { get; private init; } = ImmutableDictionary.Create<string, Transaction>(StringComparer.Ordinal);

    /// <summary>Files that left, as far as log and checkpoints tell: whoever clears up must spare them for a while.</summary>
    public ImmutableDictionary<string, RemoveFile> Tombstones { get; private init; } = ImmutableDictionary.Create<string, RemoveFile>(StringComparer.Ordinal);
    private long Added { get; init; }

    /// <summary>Live files in the order in which they joined.</summary>
    public IReadOnlyList<AddFile> OrderedFiles => [.. Files.Values.OrderBy(f => f.Order).Select(f => f.Add)];

    /// <summary>The table after one more commit, or after the actions of a checkpoint.</summary>
    public DeltaSnapshot Apply(long version, IReadOnlyList<DeltaAction> actions)
    {
        var files = Files.ToBuilder();
        var (transactions, tombstones) = (Transactions.ToBuilder(), Tombstones.ToBuilder());
        var (protocol, metadata, added) = (Protocol, Metadata, Added);
        foreach (var action in actions)
        {
            if (action.Remove is { } remove)
            {
                var key = Key(remove.Path, remove.DeletionVector);
                files.Remove(key);
                tombstones[key] = remove;
            }
            if (action.Protocol is not null) protocol = action.Protocol;
            if (action.MetaData is not null) metadata = action.MetaData;
            if (action.Txn is { } txn) transactions[txn.AppId] = txn;
        }
        // A file removed and added by one commit (as when its deletion vector changes) is there after it.
        foreach (var action in actions)
            if (action.Add is { } add)
            {
                var key = Key(add.Path, add.DeletionVector);
                files[key] = new LiveFile(add, added++);
                tombstones.Remove(key);
            }
        return this with
        {
            Version = version, Protocol = protocol, Metadata = metadata, Files = files.ToImmutable(), Transactions = transactions.ToImmutable(),
            Tombstones = tombstones.ToImmutable(), Added = added,
        };
    }

    private static string Key(string path, DeletionVector? vector) => DataPath.Canonical(path) + "\n" + vector?.UniqueId;
}

internal readonly record struct LiveFile(AddFile Add, long Order);
