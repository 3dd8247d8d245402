using Media.Events;

namespace Media.Sessions;

/// <summary>One reader's events whose sessions are not yet final, in order, with the bounds of the first of these sessions.</summary>
/// <remarks>
/// Only the first session's bounds are kept, since only it can become final next; they are kept up to date by each event, whether it comes at the
/// end, in the middle (where it may join two sessions) or in front (where it moves the cap). Not thread-safe.
/// </remarks>
internal sealed class OpenReader(long gapMicros, long capMicros)
{
    private const int InitialRoom = 16;
    private const int LargestRoomKept = 256;

    /// <summary>Up to here the ids are searched one by one, which is faster than a set; beyond, a reader with very many events needs the set.</summary>
    private const int LongestIdScan = 64;

    private Pending[] _pending = new Pending[InitialRoom];
    private HashSet<EventId>? _ids;
    private int _first;
    private long _firstEndMicros;

    public UserId User { get; private set; }

    /// <summary>Events not yet in a final session.</summary>
    public int Count { get; private set; }

    /// <summary>Events up to here would join a session that was closed on purpose; <see cref="long.MinValue"/> when there is none.</summary>
    public long SealedMicros { get; private set; }

    /// <summary>The deadline under which the reader waits in the queue.</summary>
    public long QueuedDeadlineMicros { get; set; }

    /// <summary>The first session is final once the watermark stands here: no event at or after it can still join.</summary>
    /// <remarks>An event joins up to the gap after the last one, that moment included, and before start + cap.</remarks>
    public long DeadlineMicros => Math.Min(_firstEndMicros + gapMicros + 1, CapMicros);

    /// <summary>Which of the two bounds the first session meets first; it depends on nothing but its own events.</summary>
    public ClosedBy Bound => CapMicros <= _firstEndMicros + gapMicros ? ClosedBy.Cap : ClosedBy.Gap;

    private long CapMicros => _pending[0].Micros + capMicros;

    public void Open(UserId user, long sealedMicros)
    {
        User = user;
        SealedMicros = sealedMicros;
        QueuedDeadlineMicros = long.MaxValue;
    }

    public bool Holds(MediaEvent e)
    {
        if (_ids is not null) return _ids.Contains(e.EventId);
        var hash = e.EventId.GetHashCode();
        var pending = _pending.AsSpan(0, Count);
        for (var i = 0; i < pending.Length; i++)
            if (pending[i].IdHash == hash && pending[i].Event.EventId == e.EventId) return true;
        return false;
    }

    /// <summary>Puts an event, not yet held, in its place.</summary>
    public void Add(MediaEvent e)
    {
        var pending = new Pending(e.EventTimeMicros, e.EventId.GetHashCode(), e);
        var at = PlaceOf(pending);
        if (Count == _pending.Length) Array.Resize(ref _pending, 2 * Count);
        if (at < Count) Array.Copy(_pending, at, _pending, at + 1, Count - at);
        _pending[at] = pending;
        Count++;
        KeepId(e.EventId);

        if (at == 0) (_first, _firstEndMicros) = (1, pending.Micros);
        else if (at < _first) _first++;
        // Behind the first session, or in front of it, the events that follow may now join it.
        if (at == 0 || at == _first) ExtendFirst();
    }

    /// <summary>Folds the first session's events and lets go of them.</summary>
    public void TakeFirst(SessionFold fold)
    {
        for (var i = 0; i < _first; i++)
        {
            fold.Add(_pending[i].Event, isLate: false);
            _ids?.Remove(_pending[i].Event.EventId);
        }
        var left = Count - _first;
        Array.Copy(_pending, _first, _pending, 0, left);
        Array.Clear(_pending, left, _first);
        Count = left;
        if (left == 0)
        {
            // One busy day must not hold its room for ever.
            if (_pending.Length > LargestRoomKept) _pending = new Pending[InitialRoom];
            _ids = null;
            return;
        }
        (_first, _firstEndMicros) = (1, _pending[0].Micros);
        ExtendFirst();
    }

    private void ExtendFirst()
    {
        var cap = CapMicros;
        while (_first < Count && _pending[_first].Micros <= _firstEndMicros + gapMicros && _pending[_first].Micros < cap)
            _firstEndMicros = _pending[_first++].Micros;
    }

    private int PlaceOf(Pending pending)
    {
        if (Count == 0 || _pending[Count - 1].CompareTo(pending) < 0) return Count;
        return ~_pending.AsSpan(0, Count).BinarySearch(pending);
    }

    private void KeepId(EventId id)
    {
        if (_ids is not null) _ids.Add(id);
        else if (Count > LongestIdScan) _ids = [.. _pending.AsSpan(0, Count).ToArray().Select(p => p.Event.EventId)];
    }

    /// <summary>An event with its sort key and the hash of its id beside it, so that most looks need not reach for the event itself.</summary>
    private readonly record struct Pending(long Micros, int IdHash, MediaEvent Event) : IComparable<Pending>
    {
        public int CompareTo(Pending other)
        {
            var byTime = Micros.CompareTo(other.Micros);
            return byTime != 0 ? byTime : Event.EventId.CompareTo(other.Event.EventId);
        }
    }
}
