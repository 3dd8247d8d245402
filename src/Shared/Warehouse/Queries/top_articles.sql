-- question: Which articles have held readers most lately?
-- param at Nullable(DateTime('UTC')) = \N: end of the time asked for, not included; \N = a minute after the newest event's
-- param minutes UInt32 1–28800000 = 60: length of the time, min; of articles' five-minute steps those count that begin within
-- param brand String = : one brand, or all when empty
-- param limit UInt32 1–100000 = 10: most rows
-- column engagement: points, 2·views + 3·clicks + 5·video plays
-- column time_on_page_s: s, of all views together
-- chart: article_id engagement
WITH ifNull({at:Nullable(DateTime('UTC'))}, (SELECT max(minute) + 60 FROM counter_minute)) AS until
SELECT
    article_id,
    brand,
    2 * sum(article_5m.views) + 3 * sum(article_5m.clicks) + 5 * sum(article_5m.video_plays) AS engagement,
    sum(article_5m.views) AS views,
    sum(article_5m.clicks) AS clicks,
    sum(article_5m.impressions) AS impressions,
    round(sum(article_5m.time_on_page_ms) / 1000, 1) AS time_on_page_s
FROM article_5m
WHERE bucket >= until - INTERVAL {minutes:UInt32} MINUTE AND bucket < until AND ({brand:String} = '' OR brand = {brand:String})
GROUP BY article_id, brand
HAVING engagement > 0
ORDER BY engagement DESC, article_id, brand
LIMIT {limit:UInt32}
