-- question: How long do visits last, by country?
-- param to Nullable(Date) = \N: last UTC day; \N = the newest session's
-- param days UInt32 1–20000 = 28: how many days, the last included
-- column avg_duration_s: s, from a visit's first event to its last
-- column avg_engaged_s: s, reading and watching
-- column bounce_share: visits of one page
-- chart: country avg_duration_s
WITH ifNull({to:Nullable(Date)}, (SELECT max(event_date) FROM country_day)) AS last_day
SELECT
    if(country = '', '(unknown)', country) AS country,
    sum(country_day.sessions) AS sessions,
    sum(duration_s) / sessions AS avg_duration_s,
    sum(engaged_s) / sessions AS avg_engaged_s,
    sum(bounces) / sessions AS bounce_share
FROM country_day
WHERE event_date > last_day - {days:UInt32} AND event_date <= last_day
GROUP BY country_day.country
ORDER BY sessions DESC, country
