-- question: Which reader segments click most of what they are shown, on one day?
-- param day Nullable(Date) = \N: UTC day; \N = the newest event's
-- param least UInt64 = 1: fewest impressions of a segment
-- column click_rate: clicks per impression
-- chart: user_segment click_rate
WITH ifNull({day:Nullable(Date)}, (SELECT toDate(max(hour), 'UTC') FROM segment_hour)) AS the_day
SELECT
    if(user_segment = '', '(unknown)', user_segment) AS user_segment,
    sum(segment_hour.impressions) AS impressions,
    sum(segment_hour.clicks) AS clicks,
    clicks / impressions AS click_rate
FROM segment_hour
WHERE hour >= toDateTime(the_day, 'UTC') AND hour < toDateTime(the_day + 1, 'UTC')
GROUP BY segment_hour.user_segment
HAVING impressions >= {least:UInt64} AND impressions > 0
ORDER BY click_rate DESC, user_segment
