-- question: What is happening now?
-- param at Nullable(DateTime('UTC')) = \N: end of the time asked for, not included; \N = a minute after the newest event's
-- param minutes UInt32 1–28800000 = 5: length of the time, min
-- param brand String = : one brand, or all when empty
-- column events_per_minute: events/min
-- column revenue_usd: USD, of ad clicks
-- chart: event_type events
WITH ifNull({at:Nullable(DateTime('UTC'))}, (SELECT max(minute) + 60 FROM counter_minute)) AS until
SELECT
    event_type,
    sum(counter_minute.events) AS events,
    events / {minutes:UInt32} AS events_per_minute,
    sum(counter_minute.revenue_usd) AS revenue_usd
FROM counter_minute
WHERE minute >= until - INTERVAL {minutes:UInt32} MINUTE AND minute < until AND ({brand:String} = '' OR brand = {brand:String})
GROUP BY event_type
ORDER BY events DESC, event_type
