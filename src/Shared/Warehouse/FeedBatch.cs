using System.IO.Hashing;
using System.Text;

namespace Media.Warehouse;

/// <summary>What goes into the warehouse together: rows of several tables, a block for each, and how far they take the feed.</summary>
/// <param name="Token">Names the blocks: sent twice they are shown once.</param>
/// <param name="Tables">RowBinary by table.</param>
/// <param name="Positions">The next offset by stream and partition.</param>
internal sealed record FeedBatch(string Token, IReadOnlyList<(string Table, byte[] Rows)> Tables, IReadOnlyList<(string Stream, int Partition, long Next)> Positions)
{
    /// <summary>Keeps the batch in a file, so that it can be sent again, the very same, by whoever comes after a crash.</summary>
    public void Save(string path)
    {
        using var body = new MemoryStream();
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Token);
            writer.Write(Tables.Count);
            foreach (var (table, rows) in Tables)
            {
                writer.Write(table);
                writer.Write(rows.Length);
                writer.Write(rows);
            }
            writer.Write(Positions.Count);
            foreach (var (stream, partition, next) in Positions)
            {
                writer.Write(stream);
                writer.Write(partition);
                writer.Write(next);
            }
        }
        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        // Written beside and renamed, so that a file by this name is always whole.
        var partial = path + ".partial";
        using (var file = File.Create(partial))
        {
            file.Write(BitConverter.GetBytes(XxHash64.HashToUInt64(bytes)));
            file.Write(bytes);
        }
        File.Move(partial, path, overwrite: true);
    }

    /// <summary>The batch that was left, or null when there is none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static FeedBatch? Load(string path)
    {
        if (!File.Exists(path)) return null;
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < sizeof(ulong) || BitConverter.ToUInt64(bytes) != XxHash64.HashToUInt64(bytes.AsSpan(sizeof(ulong))))
            throw new InvalidDataException($"The warehouse's unfinished batch '{path}' is damaged: delete it and run 'jobs warehouse rebuild'.");
        using var reader = new BinaryReader(new MemoryStream(bytes, sizeof(ulong), bytes.Length - sizeof(ulong)), Encoding.UTF8);
        var token = reader.ReadString();
        var tables = new List<(string, byte[])>();
        for (var left = reader.ReadInt32(); left > 0; left--) tables.Add((reader.ReadString(), reader.ReadBytes(reader.ReadInt32())));
        var positions = new List<(string, int, long)>();
        for (var left = reader.ReadInt32(); left > 0; left--) positions.Add((reader.ReadString(), reader.ReadInt32(), reader.ReadInt64()));
        return new FeedBatch(token, tables, positions);
    }
}
