-- How far the sessionizer's feed has come in each partition of the log, so that a restart feeds nothing twice and leaves nothing out.
-- taken: events in time, and the sessions that they closed. committed: what is known only after the lake's commit, late and bad events.
CREATE TABLE IF NOT EXISTS load_positions
(
    topic String,
    stream LowCardinality(String) COMMENT 'taken or committed',
    kafka_partition Int32,
    next_offset Int64
)
ENGINE = ReplacingMergeTree(next_offset)
ORDER BY (topic, stream, kafka_partition);
