-- When the events of a brand's day came here, so that events gone by age can be told from events that are missing.
CREATE TABLE IF NOT EXISTS loaded_day
(
    event_date Date,
    brand LowCardinality(String),
    loaded_date Date COMMENT 'day of loaded_at, UTC; 1970-01-01 = before this was noted',
    events UInt64
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(event_date)
ORDER BY (event_date, brand, loaded_date)
SETTINGS non_replicated_deduplication_window = 10000;

-- A warehouse that was there before: what it has, and what only its counters remember. Once more than once only lets more be gone by age.
INSERT INTO loaded_day
SELECT event_date, brand, toDate(loaded_at, 'UTC'), count() FROM events GROUP BY 1, 2, 3
UNION ALL
SELECT day, brand, toDate('1970-01-01'), toUInt64(sum(n)) FROM
(
    SELECT toDate(minute, 'UTC') AS day, brand, toInt64(events) AS n FROM counter_minute
    UNION ALL
    SELECT event_date, brand, -1 FROM events
)
GROUP BY day, brand
HAVING sum(n) > 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS loaded_day_of_events TO loaded_day AS
SELECT
    event_date,
    brand,
    toDate(loaded_at, 'UTC') AS loaded_date,
    count() AS events
FROM events
GROUP BY event_date, brand, loaded_date;
