-- Work that makes rows anew, noted as begun before it takes anything away and as ended when the last row is in: what stands here as not ended runs,
-- or was cut short, and the rows that it names are of no state of the lake. A rebuild keeps this table while it makes the others anew.
CREATE TABLE IF NOT EXISTS unfinished
(
    table_name LowCardinality(String) COMMENT 'empty = the whole warehouse',
    month Date COMMENT 'first day of the month that is made anew; 1970-01-01 = all of the table',
    work LowCardinality(String) COMMENT 'rebuild, load, repair or refresh',
    ended Bool,
    noted_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(noted_at)
ORDER BY (table_name, month)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
