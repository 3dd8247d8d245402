namespace Media.Events;

/// <summary>Why a record is not an event.</summary>
public enum BadEventReason
{
    /// <summary>The bytes are not UTF-8 JSON, or not one object.</summary>
    Undecodable,
    MissingField,
    WrongType,
    OutOfRange,
    UnknownEventType,
    /// <summary>event_time lies more than 24 h after the arrival.</summary>
    TimeInFuture,
    TooLarge,
}

/// <summary>A record that could not be read as an event: kept whole, with its reason, never dropped.</summary>
/// <param name="Field">The field at fault, as spelled in the contract; null when the whole record is.</param>
/// <param name="Raw">The record's bytes as received.</param>
/// <param name="Partition">Kafka partition, −1 when it did not come through Kafka.</param>
/// <param name="Offset">Kafka offset, −1 when it did not come through Kafka.</param>
/// <seealso href="https://docs.snowplow.io/docs/fundamentals/failed-events/">Snowplow's failed events</seealso>
public sealed record BadEvent(BadEventReason Reason, string? Field, ReadOnlyMemory<byte> Raw, DateTimeOffset ReceivedAt, int Partition, long Offset);
