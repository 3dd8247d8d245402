using System.Buffers.Binary;

namespace Media.Streaming;

/// <summary>Which partition a user's events go to: Kafka's own default rule (murmur2), so that every client in every language agrees.</summary>
/// <seealso href="https://github.com/apache/kafka/blob/trunk/clients/src/main/java/org/apache/kafka/common/utils/Utils.java">Kafka, Utils.murmur2</seealso>
internal static class UserPartition
{
    public static int Of(ReadOnlySpan<byte> key, int partitions) => (int)(Murmur2(key) & 0x7FFF_FFFF) % partitions;

    private static uint Murmur2(ReadOnlySpan<byte> key)
    {
        const uint Seed = 0x9747B28C;
        const uint Multiplier = 0x5BD1E995;
        const int Shift = 24;
        var hash = Seed ^ (uint)key.Length;
        while (key.Length >= 4)
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(key) * Multiplier;
            k ^= k >> Shift;
            hash = hash * Multiplier ^ k * Multiplier;
            key = key[4..];
        }
        if (key.Length >= 3) hash ^= (uint)key[2] << 16;
        if (key.Length >= 2) hash ^= (uint)key[1] << 8;
        if (key.Length >= 1) hash = (hash ^ key[0]) * Multiplier;
        hash = (hash ^ hash >> 13) * Multiplier;
        return hash ^ hash >> 15;
    }
}
