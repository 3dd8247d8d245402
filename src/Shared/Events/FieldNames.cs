using System.Buffers.Binary;
using System.Text;

namespace Media.Events;

/// <summary>From a name's bytes to its <see cref="EventField"/>; it learns in which order a producer sends its fields and tries that first.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class FieldNames
{
    private const int Slots = 256;
    private static readonly byte[][] Names = [.. Enum.GetValues<EventField>().Select(f => Vocabulary<EventField>.NameUtf8(f).ToArray())];
    private static readonly byte[][] Tokens = [.. Vocabulary<EventField>.Names.Select(name => Encoding.UTF8.GetBytes($"\"{name}\":"))];
    private static readonly sbyte[] Table = Build();

    /// <summary>After field n − 1 (0: at the beginning) came this field last time.</summary>
    private readonly sbyte[] _next = new sbyte[Names.Length + 1];

    /// <param name="previous">The known field before, −1 at the beginning.</param>
    /// <param name="token">Its name with quotes and colon.</param>
    public int Guess(int previous, out ReadOnlySpan<byte> token)
    {
        var guess = _next[previous + 1];
        token = Tokens[guess];
        return guess;
    }

    /// <param name="previous">The known field before this one, −1 at the beginning.</param>
    /// <returns>The field's number, −1 when the name is none.</returns>
    public int Find(ReadOnlySpan<byte> name, int previous)
    {
        for (var slot = Hash(name); ; slot = (slot + 1) % Slots)
        {
            var field = Table[slot];
            if (field < 0) return -1;
            if (name.SequenceEqual(Names[field])) return _next[previous + 1] = field;
        }
    }

    private static sbyte[] Build()
    {
        var table = new sbyte[Slots];
        Array.Fill(table, (sbyte)-1);
        for (var field = 0; field < Names.Length; field++)
        {
            var slot = Hash(Names[field]);
            while (table[slot] >= 0) slot = (slot + 1) % Slots;
            table[slot] = (sbyte)field;
        }
        return table;
    }

    private static int Hash(ReadOnlySpan<byte> name)
    {
        var mix = name.Length >= 4
            ? BinaryPrimitives.ReadUInt32LittleEndian(name) * 31u + BinaryPrimitives.ReadUInt32LittleEndian(name[^4..])
            : (uint)name.Length;
        return (int)((mix + (uint)name.Length) * 0x9E3779B1u >> 24);
    }
}
