namespace Media.Events;

/// <summary>Identity of one event: a UUIDv7 given by whoever produced it, kept for ever, also over a replay.</summary>
public readonly record struct EventId(Guid Value) : IComparable<EventId>
{
    /// <summary>Orders by the text form, as every store that keeps the id as a string does.</summary>
    public int CompareTo(EventId other) => Value.CompareTo(other.Value);
    public override string ToString() => Value.ToString("D");

    public static bool operator <(EventId left, EventId right) => left.CompareTo(right) < 0;
    public static bool operator >(EventId left, EventId right) => left.CompareTo(right) > 0;
    public static bool operator <=(EventId left, EventId right) => left.CompareTo(right) <= 0;
    public static bool operator >=(EventId left, EventId right) => left.CompareTo(right) >= 0;
}

/// <summary>Identity of one reader, 1–64 characters; the Kafka key, so that one reader's events stay in order.</summary>
public readonly record struct UserId(string Value)
{
    /// <summary>Longest user id accepted, in UTF-16 characters.</summary>
    public const int MaxLength = 64;
    public override string ToString() => Value;
}
