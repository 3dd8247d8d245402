-- question: How do the brands do, week by week?
-- param to Nullable(Date) = \N: a UTC day of the last week; \N = the newest session's
-- param weeks UInt32 1–2800 = 4: how many weeks, Monday to Sunday, the last included
-- column readers: distinct readers of the week
-- column engaged_h: h, reading and watching
-- column ad_revenue_usd: USD
WITH toMonday(ifNull({to:Nullable(Date)}, (SELECT max(event_date) FROM brand_day))) AS last_week
SELECT
    toMonday(event_date) AS week,
    if(brand = '', '(unknown)', brand) AS brand,
    sum(brand_day.sessions) AS sessions,
    uniqExactMerge(brand_day.readers) AS readers,
    sum(brand_day.article_views) AS article_views,
    sum(engaged_s) / 3600 AS engaged_h,
    sum(brand_day.ad_revenue_usd) AS ad_revenue_usd
FROM brand_day
WHERE event_date >= last_week - 7 * ({weeks:UInt32} - 1) AND event_date < last_week + 7
GROUP BY week, brand_day.brand
ORDER BY week, sessions DESC, brand
