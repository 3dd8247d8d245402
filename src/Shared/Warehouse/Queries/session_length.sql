-- question: How long do visits last, by country and day?
-- param to Nullable(Date) = \N: last UTC day; \N = the newest session's
-- param days UInt32 1–20000 = 7: how many days, the last included
-- param step_days UInt32 1–20000 = 1: days that a row takes together, counted back from the last; 28 with days 28 = four weeks in one
-- column day: UTC day on which visits began; of a longer step its last
-- column avg_duration_s: s, from a visit's first event to its last
-- column avg_engaged_s: s, reading and watching
-- column bounce_share: visits of one page
-- chart: day country avg_duration_s
WITH ifNull({to:Nullable(Date)}, (SELECT max(event_date) FROM country_day)) AS last_day
SELECT
    last_day - {step_days:UInt32} * intDiv(last_day - event_date, {step_days:UInt32}) AS day,
    if(country = '', '(unknown)', country) AS country,
    sum(country_day.sessions) AS sessions,
    sum(duration_s) / sessions AS avg_duration_s,
    sum(engaged_s) / sessions AS avg_engaged_s,
    sum(bounces) / sessions AS bounce_share
FROM country_day
WHERE event_date > last_day - {days:UInt32} AND event_date <= last_day
GROUP BY day, country_day.country
ORDER BY day, sessions DESC, country
