namespace Media.Streaming;

/// <summary>Lets producers run only so far ahead of the consumers that a broker with little memory forgets nothing unread.</summary>
/// <remarks>
/// Counts, per partition, the bytes sent and not yet read. Bytes are those before compression, so the broker holds at most that.
/// One object for all producers and consumers of a topic. Thread-safe.
/// </remarks>
public sealed class ProducerPacing
{
    /// <summary>What a record may take beside its value: key, record header, its part of the batch header.</summary>
    private const int RecordOverhead = 256;

    private readonly Lock[] _locks;
    private readonly ManualResetEventSlim[] _room;
    private readonly long[] _bytes;
    private readonly long[] _nextUnread;
    private readonly long _maxBytes;

    /// <param name="maxBytes">Most unread bytes in a partition; one record may always be on its way.</param>
    public ProducerPacing(int partitions, long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        _maxBytes = maxBytes;
        _locks = [.. Enumerable.Range(0, partitions).Select(_ => new Lock())];
        _room = [.. Enumerable.Range(0, partitions).Select(_ => new ManualResetEventSlim(true))];
        _bytes = new long[partitions];
        _nextUnread = new long[partitions];
    }

    /// <summary>Unread bytes of a partition, overhead included.</summary>
    public long InFlight(int partition)
    {
        lock (_locks[partition]) return _bytes[partition];
    }

    /// <summary>Takes room for a record that is about to be sent.</summary>
    /// <returns>False when no room came within the wait.</returns>
    internal bool TryEnter(int partition, int valueBytes, TimeSpan wait, CancellationToken cancel)
    {
        var size = valueBytes + RecordOverhead;
        if (TryTake(partition, size)) return true;
        _room[partition].Wait(wait, cancel);
        return TryTake(partition, size);
    }

    /// <summary>Gives back the room of a record that was read; a record read again gives nothing.</summary>
    internal void Leave(int partition, long offset, int valueBytes)
    {
        lock (_locks[partition])
        {
            if (offset < _nextUnread[partition]) return;
            _nextUnread[partition] = offset + 1;
            _bytes[partition] = Math.Max(0, _bytes[partition] - valueBytes - RecordOverhead); // others may have written past the pacing
            if (!_room[partition].IsSet && _bytes[partition] <= _maxBytes / 2) _room[partition].Set();
        }
    }

    private bool TryTake(int partition, int size)
    {
        lock (_locks[partition])
        {
            if (_bytes[partition] > 0 && _bytes[partition] + size > _maxBytes)
            {
                _room[partition].Reset();
                return false;
            }
            _bytes[partition] += size;
            return true;
        }
    }
}
