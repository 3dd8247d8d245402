-- question: How many readers go from reading to the newsletter to a subscription?
-- param to Nullable(Date) = \N: last UTC day; \N = the newest event's
-- param days UInt32 1–20000 = 28: how many days, the last included
-- param within_days UInt32 1–20000 = 14: longest time from a reader's view to the subscription, days
-- column readers: who reached the step, after the one before
-- column share_of_readers: of those who read anything
-- chart: step readers
WITH ifNull({to:Nullable(Date)}, (SELECT toDate(max(minute), 'UTC') FROM counter_minute)) AS last_day
SELECT
    ['article_view', 'newsletter_signup', 'subscription_start'][level] AS step,
    countIf(reached >= level) AS readers,
    readers / count() AS share_of_readers
FROM
(
    -- event_time in µs, so that two events of one second have an order
    SELECT
        windowFunnel({within_days:UInt32} * 86400000000)(toUInt64(toUnixTimestamp64Micro(event_time)), event_type = 'article_view', event_type = 'newsletter_signup', event_type = 'subscription_start') AS reached
    FROM events
    WHERE event_type IN ('article_view', 'newsletter_signup', 'subscription_start')
        AND event_time >= toDateTime64(last_day - {days:UInt32} + 1, 6, 'UTC') AND event_time < toDateTime64(last_day + 1, 6, 'UTC')
    GROUP BY user_id
    HAVING reached > 0
)
ARRAY JOIN [1, 2, 3] AS level
GROUP BY level
ORDER BY level
