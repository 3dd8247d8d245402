-- question: Of the readers who came first in a week, how many come again in the weeks after?
-- param to Nullable(Date) = \N: a UTC day of the last cohort's week; \N = the newest session's
-- param weeks UInt32 1–2800 = 8: how many cohorts
-- column cohort: Monday of the readers' first week
-- column after_1_week: share of the cohort with a visit in that week; NULL when it lies behind the newest session, so far when that falls into it
WITH
    (SELECT toMonday(max(event_date)) FROM brand_day) AS newest_week,
    toMonday(ifNull({to:Nullable(Date)}, newest_week)) AS last_week
SELECT
    cohort,
    count() AS readers,
    if(cohort + 7 <= newest_week, avg(has(weeks, cohort + 7)), NULL) AS after_1_week,
    if(cohort + 14 <= newest_week, avg(has(weeks, cohort + 14)), NULL) AS after_2_weeks,
    if(cohort + 21 <= newest_week, avg(has(weeks, cohort + 21)), NULL) AS after_3_weeks,
    if(cohort + 28 <= newest_week, avg(has(weeks, cohort + 28)), NULL) AS after_4_weeks
FROM
(
    SELECT groupUniqArray(toMonday(event_date)) AS weeks, arrayMin(weeks) AS cohort
    FROM sessions
    GROUP BY user_id
)
WHERE cohort > last_week - 7 * {weeks:UInt32} AND cohort <= last_week
GROUP BY cohort
ORDER BY cohort
