-- Persons with at least one order in the month, each counted once over all platforms, and their hours.
-- Workers, platforms and places are numbered first: the same person or platform has the same number, and the large
-- tables then hold numbers in place of 64-digit marks.
-- Source: OECD, ILO, Eurostat, Handbook on Measuring Digital Platform Employment and Work (2023), on removing
-- duplicates from platform records; standard hours of a month: 40 hours × 52 weeks / 12.
-- step: worker
SELECT worker_hash, CAST(row_number() OVER (ORDER BY worker_hash) AS INTEGER) AS worker
FROM (
  SELECT worker_hash FROM platform_work_record WHERE orders >= 1 AND substr(month, 1, 4) = :year GROUP BY worker_hash
) AS listed
-- step: platform
SELECT platform_uscc, CAST(row_number() OVER (ORDER BY platform_uscc) AS INTEGER) AS platform
FROM (
  SELECT platform_uscc FROM platform_work_record WHERE orders >= 1 AND substr(month, 1, 4) = :year
  GROUP BY platform_uscc
) AS listed
-- step: place
SELECT
  month, district_code, hours,
  CAST(row_number() OVER (ORDER BY month, district_code) AS INTEGER) AS place,
  CAST(dense_rank() OVER (ORDER BY month) AS INTEGER) AS period
FROM (
  SELECT month, district_code, CAST(coalesce(sum(hours), 0) AS DECIMAL(24,6)) AS hours
  FROM platform_work_record
  WHERE orders >= 1 AND substr(month, 1, 4) = :year
  GROUP BY month, district_code
) AS listed
-- step: account
SELECT DISTINCT place.place, place.period, worker.worker, platform.platform
FROM platform_work_record AS record
JOIN place ON place.month = record.month AND place.district_code = record.district_code
JOIN worker ON worker.worker_hash = record.worker_hash
JOIN platform ON platform.platform_uscc = record.platform_uscc
WHERE record.orders >= 1
-- step: person_place
SELECT place, worker, count(*) AS platforms
FROM account
GROUP BY place, worker
-- step: person_period
SELECT period, worker, count(*) AS platforms
FROM (SELECT DISTINCT period, worker, platform FROM account) AS once
GROUP BY period, worker
-- step: counted_place
SELECT
  place, count(*) AS workers, CAST(sum(platforms) AS BIGINT) AS accounts,
  CAST(sum(CASE WHEN platforms > 1 THEN 1 ELSE 0 END) AS BIGINT) AS several_platforms
FROM person_place
GROUP BY place
-- step: counted_period
SELECT
  period, count(*) AS workers, CAST(sum(platforms) AS BIGINT) AS accounts,
  CAST(sum(CASE WHEN platforms > 1 THEN 1 ELSE 0 END) AS BIGINT) AS several_platforms
FROM person_period
GROUP BY period
-- step: period
SELECT period, month, CAST(sum(hours) AS DECIMAL(24,6)) AS hours
FROM place
GROUP BY period, month
-- step: counted
SELECT
  place.month, place.district_code, counted_place.workers, counted_place.accounts, counted_place.several_platforms,
  place.hours
FROM counted_place
JOIN place ON place.place = counted_place.place
UNION ALL
SELECT
  period.month, 'total' AS district_code, counted_period.workers, counted_period.accounts,
  counted_period.several_platforms, period.hours
FROM counted_period
JOIN period ON period.period = counted_period.period
-- step: result
SELECT
  month, district_code, workers, accounts, several_platforms, hours,
  as_quantity(ratio(CAST(hours AS DOUBLE) * 12, 2080)) AS full_time_equivalent
FROM counted
