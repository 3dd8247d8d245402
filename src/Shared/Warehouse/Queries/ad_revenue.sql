-- question: What do the ad slots bring?
-- param to Nullable(Date) = \N: last UTC day; \N = the newest ad's
-- param days UInt32 1–20000 = 28: how many days, the last included
-- param brand String = : one brand, or all when empty
-- column click_rate: clicks per impression
-- column revenue_usd: USD
-- column revenue_per_1000_usd: USD per 1,000 impressions
-- chart: ad_slot revenue_usd
WITH ifNull({to:Nullable(Date)}, (SELECT max(event_date) FROM ad_slot_day)) AS last_day
SELECT
    ad_slot,
    sum(ad_slot_day.impressions) AS impressions,
    sum(ad_slot_day.clicks) AS clicks,
    clicks / impressions AS click_rate,
    sum(ad_slot_day.revenue_usd) AS revenue_usd,
    1000 * revenue_usd / impressions AS revenue_per_1000_usd
FROM ad_slot_day
WHERE event_date > last_day - {days:UInt32} AND event_date <= last_day AND ({brand:String} = '' OR brand = {brand:String})
GROUP BY ad_slot
ORDER BY revenue_usd DESC, ad_slot
