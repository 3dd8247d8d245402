-- question: Of the readers who came first in a week, how many come again in the weeks after?
-- param to Nullable(Date) = \N: a UTC day of the last cohort's week; \N = the newest session's
-- param weeks UInt32 1–2800 = 8: how many cohorts
-- column cohort: Monday of the readers' first week
-- column after_1_week: share of the cohort with a visit in that week
WITH toMonday(ifNull({to:Nullable(Date)}, (SELECT max(event_date) FROM brand_day))) AS last_week
SELECT
    cohort,
    count() AS readers,
    avg(has(weeks, cohort + 7)) AS after_1_week,
    avg(has(weeks, cohort + 14)) AS after_2_weeks,
    avg(has(weeks, cohort + 21)) AS after_3_weeks,
    avg(has(weeks, cohort + 28)) AS after_4_weeks
FROM
(
    SELECT groupUniqArray(toMonday(event_date)) AS weeks, arrayMin(weeks) AS cohort
    FROM sessions
    GROUP BY user_id
)
WHERE cohort > last_week - 7 * {weeks:UInt32} AND cohort <= last_week
GROUP BY cohort
ORDER BY cohort
