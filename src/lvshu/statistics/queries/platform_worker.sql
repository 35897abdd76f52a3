-- Persons with at least one order in the month, each counted once over all platforms, and their hours.
-- Source: OECD, ILO, Eurostat, Handbook on Measuring Digital Platform Employment and Work (2023), on removing
-- duplicates from platform records; standard hours of a month: 40 hours × 52 weeks / 12.
-- step: person_platform
SELECT month, district_code, worker_hash, platform_uscc, sum(hours) AS hours
FROM platform_work_record
WHERE orders >= 1 AND substr(month, 1, 4) = :year
GROUP BY month, district_code, worker_hash, platform_uscc
-- step: person_district
SELECT month, district_code, worker_hash, count(*) AS platforms, sum(hours) AS hours
FROM person_platform
GROUP BY month, district_code, worker_hash
-- step: person_platform_total
SELECT month, worker_hash, platform_uscc, sum(hours) AS hours
FROM person_platform
GROUP BY month, worker_hash, platform_uscc
-- step: person_total
SELECT month, worker_hash, count(*) AS platforms, sum(hours) AS hours
FROM person_platform_total
GROUP BY month, worker_hash
-- step: counted
SELECT
  month, district_code, count(*) AS workers, CAST(sum(platforms) AS BIGINT) AS accounts,
  CAST(sum(CASE WHEN platforms > 1 THEN 1 ELSE 0 END) AS BIGINT) AS several_platforms, coalesce(sum(hours), 0) AS hours
FROM person_district
GROUP BY month, district_code
UNION ALL
SELECT
  month, 'total' AS district_code, count(*) AS workers, CAST(sum(platforms) AS BIGINT) AS accounts,
  CAST(sum(CASE WHEN platforms > 1 THEN 1 ELSE 0 END) AS BIGINT) AS several_platforms, coalesce(sum(hours), 0) AS hours
FROM person_total
GROUP BY month
-- step: result
SELECT
  month, district_code, workers, accounts, several_platforms, hours,
  as_quantity(ratio(CAST(hours AS DOUBLE) * 12, 2080)) AS full_time_equivalent
FROM counted
