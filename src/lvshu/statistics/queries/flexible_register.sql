-- Persons in each register of flexible employment in the months of the survey, each counted once over platforms and
-- businesses, and in any of them. A business counts from the month of its registration to that of its closing;
-- operators with employees are employers and do not count.
-- Source: 国办发〔2020〕27号 (own account, part time, new forms of employment); OECD, ILO, Eurostat, Handbook on Measuring
-- Digital Platform Employment and Work (2023), on removing duplicates.
-- step: month
SELECT DISTINCT month
FROM labour_survey
WHERE substr(month, 1, 4) = :year
-- step: listed
SELECT DISTINCT month.month, 'platform' AS register_code, record.worker_hash AS person_hash
FROM platform_work_record AS record
JOIN month ON month.month = record.month
WHERE record.orders >= 1
UNION ALL
SELECT DISTINCT month.month, 'injury_insurance' AS register_code, insured.person_hash
FROM injury_insurance_record AS insured
JOIN month ON month.month = insured.month
UNION ALL
SELECT DISTINCT month.month, 'self_employment' AS register_code, business.person_hash
FROM self_employment_record AS business
JOIN month
  ON substr(CAST(business.registered_on AS VARCHAR), 1, 7) <= month.month
  AND (business.closed_on IS NULL OR substr(CAST(business.closed_on AS VARCHAR), 1, 7) >= month.month)
WHERE coalesce(business.employees, 0) = 0
-- step: person
SELECT month, person_hash, count(*) AS registers
FROM listed
GROUP BY month, person_hash
-- step: result
SELECT
  listed.month,
  listed.register_code,
  count(*) AS persons,
  CAST(sum(CASE WHEN person.registers = 1 THEN 1 ELSE 0 END) AS BIGINT) AS only_here
FROM listed
JOIN person ON person.month = listed.month AND person.person_hash = listed.person_hash
GROUP BY listed.month, listed.register_code
UNION ALL
SELECT
  month, 'any' AS register_code, count(*) AS persons,
  CAST(sum(CASE WHEN registers > 1 THEN 1 ELSE 0 END) AS BIGINT) AS only_here
FROM person
GROUP BY month
