-- The tables, spelled as in the lake; text that is absent is '', other values that are absent are NULL (features: nan). Times are UTC.
--
-- MergeTree where rows come once and stay (events, bad_events, sessions): a block that is sent again carries the same token and is left out
-- (non_replicated_deduplication_window), in the table and in every view behind it, so no query needs FINAL and no view sums a row twice.
-- ReplacingMergeTree where a newer row takes an older one's place, or where a retry may cut its blocks differently.
-- Partitions are months: the lake repairs a month as a whole.
-- Parts below 128 MiB keep all columns in one file: a file a column would cost each insert some 2 MiB of memory for each of a hundred and fifty of them.

-- Readers' events of the last weeks; the lake keeps them for ever. The order serves "this kind of event, in this time".
-- The days are counted from loading, so that a log of the past can be played; whole parts are dropped.
CREATE TABLE IF NOT EXISTS events
(
    event_id UUID CODEC(ZSTD(1)),
    event_type LowCardinality(String),
    event_time DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    client_session_id String CODEC(ZSTD(1)),
    brand LowCardinality(String),
    page_url String CODEC(ZSTD(1)),
    referrer LowCardinality(String),
    device_type LowCardinality(String),
    device_os LowCardinality(String),
    browser LowCardinality(String),
    country LowCardinality(String) COMMENT 'ISO 3166 alpha-2, or EU',
    city LowCardinality(String),
    timezone LowCardinality(String) COMMENT 'IANA name',
    subscription_tier LowCardinality(String),
    user_segment LowCardinality(String),
    schema_version Int32,
    article_id String CODEC(ZSTD(1)),
    category LowCardinality(String),
    article_title String CODEC(ZSTD(1)),
    article_type LowCardinality(String),
    published_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    word_count Nullable(Int32) COMMENT 'words',
    position Nullable(Int32) COMMENT '0 = first',
    surface LowCardinality(String),
    decision_id String CODEC(ZSTD(1)),
    scroll_depth Nullable(Float64) COMMENT '%',
    time_on_page_ms Nullable(Int64) COMMENT 'ms',
    read_progress Nullable(Float64) COMMENT '%',
    is_complete Nullable(Bool),
    video_id String CODEC(ZSTD(1)),
    video_duration_s Nullable(Float64) COMMENT 's',
    watched_s Nullable(Float64) COMMENT 's',
    playback_rate Nullable(Float64) COMMENT 'ratio',
    ad_slot LowCardinality(String),
    ad_category LowCardinality(String),
    propensity Nullable(Float64) COMMENT 'probability',
    revenue_usd Nullable(Float64) COMMENT 'USD',
    query String CODEC(ZSTD(1)),
    results_count Nullable(Int32) COMMENT 'results',
    clicked_result Nullable(Bool),
    to_page String CODEC(ZSTD(1)),
    kind LowCardinality(String),
    prompt_type LowCardinality(String),
    newsletter_type LowCardinality(String),
    tier LowCardinality(String),
    total_duration_s Nullable(Float64) COMMENT 's',
    total_events Nullable(Int32) COMMENT 'events',
    extra_json String COMMENT 'JSON object' CODEC(ZSTD(1)),
    kafka_partition Int32,
    kafka_offset Int64 CODEC(Delta, ZSTD(1)),
    is_late Bool COMMENT 'later than the allowed lateness',
    event_date Date COMMENT 'day of event_time',
    loaded_at DateTime DEFAULT now() COMMENT 'when the row came here; not in the lake'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(event_date)
ORDER BY (event_type, event_time, event_id)
TTL loaded_at + INTERVAL 35 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 134217728;

-- Records that are no events, whole, with the reason.
CREATE TABLE IF NOT EXISTS bad_events
(
    reason LowCardinality(String),
    field LowCardinality(String),
    raw String COMMENT 'bytes as received' CODEC(ZSTD(3)),
    received_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    kafka_partition Int32 COMMENT '-1 = not from Kafka',
    kafka_offset Int64 COMMENT '-1 = not from Kafka' CODEC(Delta, ZSTD(1)),
    received_date Date COMMENT 'day of received_at'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_date)
ORDER BY (reason, received_at)
SETTINGS non_replicated_deduplication_window = 10000;

-- Closed visits: context and the 64 metrics.
CREATE TABLE IF NOT EXISTS sessions
(
    session_id String CODEC(ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    session_start DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    session_end DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    brand LowCardinality(String),
    country LowCardinality(String) COMMENT 'ISO 3166 alpha-2, or EU',
    city LowCardinality(String),
    device_type LowCardinality(String),
    device_os LowCardinality(String),
    browser LowCardinality(String),
    timezone LowCardinality(String) COMMENT 'IANA name',
    subscription_tier LowCardinality(String),
    user_segment LowCardinality(String),
    referrer LowCardinality(String),
    landing_article_id String CODEC(ZSTD(1)),
    exit_article_id String CODEC(ZSTD(1)),
    top_category LowCardinality(String),
    closed_by LowCardinality(String),
    duration_s Nullable(Float64) COMMENT 's',
    engaged_s Nullable(Float64) COMMENT 's',
    total_events Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    events_per_minute Nullable(Float64) COMMENT 'events/min',
    page_views Nullable(Int64) COMMENT 'pages' CODEC(T64, LZ4),
    unique_pages Nullable(Int64) COMMENT 'pages' CODEC(T64, LZ4),
    unique_articles Nullable(Int64) COMMENT 'articles' CODEC(T64, LZ4),
    unique_categories Nullable(Int64) COMMENT 'categories' CODEC(T64, LZ4),
    unique_brands Nullable(Int64) COMMENT 'brands' CODEC(T64, LZ4),
    category_entropy Nullable(Float64) COMMENT 'nats',
    top_category_share Nullable(Float64) COMMENT 'share',
    article_impressions Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    article_clicks Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    article_views Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    article_completes Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    click_through_rate Nullable(Float64) COMMENT 'ratio',
    completion_rate Nullable(Float64) COMMENT 'share',
    avg_time_on_page_s Nullable(Float64) COMMENT 's',
    max_time_on_page_s Nullable(Float64) COMMENT 's',
    total_time_on_page_s Nullable(Float64) COMMENT 's',
    avg_scroll_depth Nullable(Float64) COMMENT '%',
    max_scroll_depth Nullable(Float64) COMMENT '%',
    avg_read_progress Nullable(Float64) COMMENT '%',
    deep_reads Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    quick_exits Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    video_plays Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    video_completes Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    video_watched_s Nullable(Float64) COMMENT 's',
    video_completion_rate Nullable(Float64) COMMENT 'share',
    ad_impressions Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    ad_clicks Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    ad_click_through_rate Nullable(Float64) COMMENT 'ratio',
    ad_revenue_usd Nullable(Float64) COMMENT 'USD',
    ad_clicks_header Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    ad_clicks_mid_page Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    ad_clicks_in_article Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    ad_clicks_sidebar Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    ad_clicks_footer Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    searches Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    search_clicks Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    search_success_rate Nullable(Float64) COMMENT 'share',
    navigations Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    subscription_prompts Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    newsletter_signups Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    subscription_starts Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    likes Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    bookmarks Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    shares Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    comments Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    follows Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    engagement_score Nullable(Float64) COMMENT 'points',
    engagement_per_minute Nullable(Float64) COMMENT 'points/min',
    is_bounce Nullable(Bool) COMMENT 'flag',
    start_hour Nullable(Int64) COMMENT 'hour' CODEC(T64, LZ4),
    start_day_of_week Nullable(Int64) COMMENT 'day' CODEC(T64, LZ4),
    is_weekend Nullable(Bool) COMMENT 'flag',
    seconds_to_first_click Nullable(Float64) COMMENT 's',
    seconds_to_first_ad_click Nullable(Float64) COMMENT 's',
    longest_gap_s Nullable(Float64) COMMENT 's',
    mean_gap_s Nullable(Float64) COMMENT 's',
    brand_switches Nullable(Int64) COMMENT 'switches' CODEC(T64, LZ4),
    late_events Nullable(Int64) COMMENT 'events' CODEC(T64, LZ4),
    session_number Nullable(Int64) COMMENT 'sessions' CODEC(T64, LZ4),
    days_since_previous_session Nullable(Float64) COMMENT 'days',
    event_date Date COMMENT 'day of session_start'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(event_date)
ORDER BY (event_date, brand, session_start, session_id)
SETTINGS non_replicated_deduplication_window = 10000, min_bytes_for_wide_part = 134217728;

-- Each reader's features as of the latest instant: of two rows the later as_of stays.
CREATE TABLE IF NOT EXISTS features_latest
(
    user_id String CODEC(ZSTD(1)),
    as_of DateTime64(6, 'UTC'),
    latest_event DateTime64(6, 'UTC') COMMENT 'newest event behind the row',
    total_sessions Float32 COMMENT 'sessions',
    avg_session_duration_s Float32 COMMENT 's',
    min_session_duration_s Float32 COMMENT 's',
    max_session_duration_s Float32 COMMENT 's',
    std_session_duration_s Float32 COMMENT 's',
    avg_events_per_session Float32 COMMENT 'events',
    avg_pages_per_session Float32 COMMENT 'pages',
    avg_categories_per_session Float32 COMMENT 'categories',
    avg_article_views Float32 COMMENT 'events',
    avg_article_clicks Float32 COMMENT 'events',
    avg_video_plays Float32 COMMENT 'events',
    avg_searches Float32 COMMENT 'events',
    total_newsletter_signups Float32 COMMENT 'events',
    total_ad_clicks Float32 COMMENT 'events',
    avg_engagement_score Float32 COMMENT 'points',
    has_newsletter Float32 COMMENT 'flag',
    newsletter_signup_rate Float32 COMMENT 'sign-ups/session',
    brand_bild_share Float32 COMMENT 'share',
    brand_welt_share Float32 COMMENT 'share',
    brand_business_insider_share Float32 COMMENT 'share',
    brand_politico_share Float32 COMMENT 'share',
    brand_sport_bild_share Float32 COMMENT 'share',
    session_frequency_per_day Float32 COMMENT 'sessions/day',
    recent_engagement_score Float32 COMMENT 'points',
    engagement_per_minute Float32 COMMENT 'points/min',
    content_diversity Float32 COMMENT 'nats',
    brand_loyalty Float32 COMMENT 'share',
    click_through_rate Float32 COMMENT 'ratio',
    video_completion_rate Float32 COMMENT 'share',
    recency_score Float32 COMMENT 'score',
    activity_score Float32 COMMENT 'sessions/day',
    days_active Float32 COMMENT 'days',
    days_since_last_session Float32 COMMENT 'days',
    sessions_1d Float32 COMMENT 'sessions',
    sessions_7d Float32 COMMENT 'sessions',
    sessions_28d Float32 COMMENT 'sessions',
    subscription_free Float32 COMMENT 'flag',
    subscription_premium Float32 COMMENT 'flag',
    subscription_pro Float32 COMMENT 'flag',
    subscription_enterprise Float32 COMMENT 'flag',
    segment_casual Float32 COMMENT 'flag',
    segment_engaged Float32 COMMENT 'flag',
    segment_new_visitor Float32 COMMENT 'flag',
    segment_power_user Float32 COMMENT 'flag',
    segment_returning Float32 COMMENT 'flag',
    segment_subscriber Float32 COMMENT 'flag',
    device_app Float32 COMMENT 'flag',
    device_desktop Float32 COMMENT 'flag',
    device_mobile Float32 COMMENT 'flag',
    device_smart_tv Float32 COMMENT 'flag',
    device_tablet Float32 COMMENT 'flag',
    country_AT Float32 COMMENT 'flag',
    country_AU Float32 COMMENT 'flag',
    country_CH Float32 COMMENT 'flag',
    country_DE Float32 COMMENT 'flag',
    country_EU Float32 COMMENT 'flag',
    country_FR Float32 COMMENT 'flag',
    country_UK Float32 COMMENT 'flag',
    country_US Float32 COMMENT 'flag',
    as_of_date Date COMMENT 'day of as_of'
)
ENGINE = ReplacingMergeTree(as_of)
ORDER BY user_id;

-- What the models said of each reader: of two answers to one question the later stays.
CREATE TABLE IF NOT EXISTS predictions
(
    model LowCardinality(String),
    model_version LowCardinality(String),
    user_id String CODEC(ZSTD(1)),
    as_of DateTime64(6, 'UTC'),
    output Int32 COMMENT '0 = the first',
    score Float64,
    scored_at DateTime64(6, 'UTC'),
    as_of_date Date COMMENT 'day of as_of'
)
ENGINE = ReplacingMergeTree(scored_at)
PARTITION BY toYYYYMM(as_of_date)
ORDER BY (model, as_of, user_id, output, model_version);

-- What to do about it.
CREATE TABLE IF NOT EXISTS actions
(
    kind LowCardinality(String) COMMENT 'win_back, offer, trending, under_performing or headline',
    user_id String CODEC(ZSTD(1)),
    article_id String COMMENT 'the article to show, or the one that editors should look at' CODEC(ZSTD(1)),
    suggestion String,
    score Nullable(Float64) COMMENT 'as the kind says: a probability, expected views, or the expected factor of the click rate',
    reason_1 String,
    reason_2 String,
    reason_3 String,
    models LowCardinality(String) COMMENT 'names and versions that it rests on',
    as_of DateTime64(6, 'UTC'),
    suggested_at DateTime64(6, 'UTC'),
    as_of_date Date COMMENT 'day of as_of'
)
ENGINE = ReplacingMergeTree(suggested_at)
PARTITION BY toYYYYMM(as_of_date)
ORDER BY (kind, as_of, user_id, article_id);

-- Choices of the API, each with its propensity; a decision never changes.
CREATE TABLE IF NOT EXISTS decisions
(
    decision_id String CODEC(ZSTD(1)),
    bandit LowCardinality(String),
    user_id String CODEC(ZSTD(1)),
    arm LowCardinality(String),
    propensity Float64 COMMENT 'probability',
    policy_version LowCardinality(String),
    decided_at DateTime64(6, 'UTC'),
    context LowCardinality(String),
    event_date Date COMMENT 'day of decided_at'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(event_date)
ORDER BY (bandit, decided_at, decision_id);
