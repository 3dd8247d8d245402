-- What the questions read: sums kept up with every block of events and sessions, by the finest step that a question asks for.
-- SummingMergeTree for plain sums; AggregatingMergeTree where a state is more than a sum (distinct readers). Sums of a step may lie in several
-- parts, so questions sum again. Partitions are the months of the table behind, so that a month can be repaired from the lake as one.

-- Articles per five minutes of event time.
CREATE TABLE IF NOT EXISTS article_5m
(
    bucket DateTime('UTC') COMMENT 'start of the five minutes' CODEC(DoubleDelta, ZSTD(1)),
    article_id String CODEC(ZSTD(1)),
    brand LowCardinality(String),
    impressions UInt64,
    clicks UInt64,
    views UInt64,
    video_plays UInt64,
    time_on_page_ms UInt64
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(bucket)
ORDER BY (bucket, article_id, brand)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS article_5m_of_events TO article_5m AS
SELECT
    toStartOfFiveMinutes(toDateTime(event_time, 'UTC')) AS bucket,
    article_id,
    brand,
    countIf(event_type = 'article_impression') AS impressions,
    countIf(event_type = 'article_click') AS clicks,
    countIf(event_type = 'article_view') AS views,
    countIf(event_type = 'video_play') AS video_plays,
    sum(ifNull(events.time_on_page_ms, 0)) AS time_on_page_ms
FROM events
WHERE article_id != '' AND event_type IN ('article_impression', 'article_click', 'article_view', 'video_play')
GROUP BY bucket, article_id, brand;

-- Impressions and clicks of articles per reader segment and hour.
CREATE TABLE IF NOT EXISTS segment_hour
(
    hour DateTime('UTC'),
    user_segment LowCardinality(String) COMMENT 'as the event says it; empty = unknown',
    brand LowCardinality(String),
    impressions UInt64,
    clicks UInt64
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, user_segment, brand)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS segment_hour_of_events TO segment_hour AS
SELECT
    toStartOfHour(toDateTime(event_time, 'UTC')) AS hour,
    user_segment,
    brand,
    countIf(event_type = 'article_impression') AS impressions,
    countIf(event_type = 'article_click') AS clicks
FROM events
WHERE event_type IN ('article_impression', 'article_click')
GROUP BY hour, user_segment, brand;

-- Ads per slot and day.
CREATE TABLE IF NOT EXISTS ad_slot_day
(
    event_date Date,
    ad_slot LowCardinality(String),
    brand LowCardinality(String),
    impressions UInt64,
    clicks UInt64,
    revenue_usd Float64 COMMENT 'USD'
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(event_date)
ORDER BY (event_date, ad_slot, brand)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS ad_slot_day_of_events TO ad_slot_day AS
SELECT
    event_date,
    ad_slot,
    brand,
    countIf(event_type = 'ad_impression') AS impressions,
    countIf(event_type = 'ad_click') AS clicks,
    sum(ifNull(events.revenue_usd, 0)) AS revenue_usd
FROM events
WHERE event_type IN ('ad_impression', 'ad_click')
GROUP BY event_date, ad_slot, brand;

-- Live counters: what happens, per minute of event time.
CREATE TABLE IF NOT EXISTS counter_minute
(
    minute DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
    brand LowCardinality(String),
    event_type LowCardinality(String),
    events UInt64,
    revenue_usd Float64 COMMENT 'USD'
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (minute, brand, event_type)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS counter_minute_of_events TO counter_minute AS
SELECT
    toStartOfMinute(toDateTime(event_time, 'UTC')) AS minute,
    brand,
    event_type,
    count() AS events,
    sum(ifNull(events.revenue_usd, 0)) AS revenue_usd
FROM events
GROUP BY minute, brand, event_type;

-- Visits per country and day.
CREATE TABLE IF NOT EXISTS country_day
(
    event_date Date,
    country LowCardinality(String) COMMENT 'empty = unknown',
    sessions UInt64,
    bounces UInt64,
    duration_s Float64 COMMENT 's',
    engaged_s Float64 COMMENT 's'
)
ENGINE = SummingMergeTree
PARTITION BY toYYYYMM(event_date)
ORDER BY (event_date, country)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS country_day_of_sessions TO country_day AS
SELECT
    event_date,
    country,
    count() AS sessions,
    countIf(is_bounce = true) AS bounces,
    sum(ifNull(sessions.duration_s, 0)) AS duration_s,
    sum(ifNull(sessions.engaged_s, 0)) AS engaged_s
FROM sessions
GROUP BY event_date, country;

-- Visits and readers per brand and day; readers as a state, for one who comes on two days is one reader of the week.
CREATE TABLE IF NOT EXISTS brand_day
(
    event_date Date,
    brand LowCardinality(String),
    sessions SimpleAggregateFunction(sum, UInt64),
    readers AggregateFunction(uniqExact, String),
    article_views SimpleAggregateFunction(sum, UInt64),
    engaged_s SimpleAggregateFunction(sum, Float64) COMMENT 's',
    ad_revenue_usd SimpleAggregateFunction(sum, Float64) COMMENT 'USD'
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(event_date)
ORDER BY (event_date, brand)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS brand_day_of_sessions TO brand_day AS
SELECT
    event_date,
    brand,
    count() AS sessions,
    uniqExactState(user_id) AS readers,
    sum(toUInt64(ifNull(sessions.article_views, 0))) AS article_views,
    sum(ifNull(sessions.engaged_s, 0)) AS engaged_s,
    sum(ifNull(sessions.ad_revenue_usd, 0)) AS ad_revenue_usd
FROM sessions
GROUP BY event_date, brand;
