-- question: Which reader segments click most of what they are shown, hour by hour?
-- param to Nullable(DateTime('UTC')) = \N: a time of the last hour; \N = the newest event's
-- param hours UInt32 1–480000 = 24: how many hours of the clock, the last included
-- param step_hours UInt32 1–480000 = 1: hours that a row takes together, counted back from the last; 24 with hours 24 = the day in one
-- param least UInt64 = 1: fewest impressions of a row
-- column hour: UTC hour; of a longer step its last
-- column click_rate: clicks per impression
-- chart: hour user_segment click_rate
WITH toStartOfHour(ifNull({to:Nullable(DateTime('UTC'))}, (SELECT max(hour) FROM segment_hour))) AS last_hour
SELECT
    last_hour - toIntervalHour({step_hours:UInt32} * intDiv(dateDiff('hour', segment_hour.hour, last_hour), {step_hours:UInt32})) AS hour,
    if(user_segment = '', '(unknown)', user_segment) AS user_segment,
    sum(segment_hour.impressions) AS impressions,
    sum(segment_hour.clicks) AS clicks,
    clicks / impressions AS click_rate
FROM segment_hour
WHERE segment_hour.hour > last_hour - toIntervalHour({hours:UInt32}) AND segment_hour.hour <= last_hour
GROUP BY hour, segment_hour.user_segment
HAVING impressions >= {least:UInt64} AND impressions > 0
ORDER BY hour, click_rate DESC, user_segment
