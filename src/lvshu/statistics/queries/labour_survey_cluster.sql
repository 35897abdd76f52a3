-- The labour force survey of the year by cluster, district and definition of work; a person is in the platforms'
-- register when the same hash has an order in the same month. Only the employed count, except under `persons`.
-- Source: 国办发〔2020〕27号 (own account, part time, new forms of employment); definitions of platform work after
-- OECD, ILO, Eurostat, Handbook on Measuring Digital Platform Employment and Work (2023).
-- step: registered
SELECT DISTINCT month, worker_hash
FROM platform_work_record
WHERE orders >= 1
-- step: insured
SELECT DISTINCT month, person_hash
FROM injury_insurance_record
-- step: business
SELECT
  person_hash,
  substr(CAST(registered_on AS VARCHAR), 1, 7) AS first_month,
  substr(CAST(coalesce(closed_on, DATE '9999-12-31') AS VARCHAR), 1, 7) AS last_month
FROM self_employment_record
WHERE coalesce(employees, 0) = 0
-- step: operator
SELECT DISTINCT survey.month, survey.person_hash
FROM labour_survey AS survey
JOIN business
  ON business.person_hash = survey.person_hash
  AND business.first_month <= survey.month AND business.last_month >= survey.month
-- step: person
SELECT
  survey.month,
  survey.stratum,
  survey.cluster,
  survey.district_code,
  survey.weight,
  coalesce(survey.hours, 0) AS hours,
  survey.employed,
  survey.employed AND (coalesce(survey.main_job_platform, false) OR coalesce(survey.employment_form, '') = 'platform')
    AS main_platform,
  survey.employed AND (
    coalesce(survey.main_job_platform, false) OR coalesce(survey.second_job_platform, false)
    OR coalesce(survey.employment_form, '') = 'platform'
  ) AS any_platform,
  survey.employed AND coalesce(survey.employment_form, '') = 'own_account' AS own_account,
  survey.employed AND coalesce(survey.employment_form, '') = 'part_time' AS part_time,
  registered.worker_hash IS NOT NULL AS in_register,
  insured.person_hash IS NOT NULL AS in_injury_insurance,
  operator.person_hash IS NOT NULL AS in_self_employment
FROM labour_survey AS survey
LEFT JOIN registered ON registered.month = survey.month AND registered.worker_hash = survey.person_hash
LEFT JOIN insured ON insured.month = survey.month AND insured.person_hash = survey.person_hash
LEFT JOIN operator ON operator.month = survey.month AND operator.person_hash = survey.person_hash
WHERE substr(survey.month, 1, 4) = :year
-- step: measure
SELECT 'persons' AS measure
UNION ALL SELECT 'employed' AS measure
UNION ALL SELECT 'main_platform' AS measure
UNION ALL SELECT 'any_platform' AS measure
UNION ALL SELECT 'second_platform' AS measure
UNION ALL SELECT 'own_account' AS measure
UNION ALL SELECT 'part_time' AS measure
UNION ALL SELECT 'flexible' AS measure
UNION ALL SELECT 'main_flexible' AS measure
UNION ALL SELECT 'in_register' AS measure
UNION ALL SELECT 'any_platform_in_register' AS measure
UNION ALL SELECT 'any_platform_not_in_register' AS measure
UNION ALL SELECT 'flexible_not_in_register' AS measure
UNION ALL SELECT 'in_injury_insurance' AS measure
UNION ALL SELECT 'in_self_employment' AS measure
UNION ALL SELECT 'flexible_not_in_any_register' AS measure
-- step: marked
SELECT
  person.month,
  person.stratum,
  person.cluster,
  person.district_code,
  person.weight,
  as_quantity(CAST(person.weight AS DOUBLE) * CAST(person.hours AS DOUBLE)) AS weighted_hours,
  measure.measure,
  CASE measure.measure
    WHEN 'persons' THEN true
    WHEN 'employed' THEN person.employed
    WHEN 'main_platform' THEN person.main_platform
    WHEN 'any_platform' THEN person.any_platform
    WHEN 'second_platform' THEN person.any_platform AND NOT person.main_platform
    WHEN 'own_account' THEN person.own_account
    WHEN 'part_time' THEN person.part_time
    WHEN 'flexible' THEN person.own_account OR person.part_time OR person.any_platform
    WHEN 'main_flexible' THEN person.own_account OR person.part_time OR person.main_platform
    WHEN 'in_register' THEN person.in_register
    WHEN 'any_platform_in_register' THEN person.any_platform AND person.in_register
    WHEN 'any_platform_not_in_register' THEN person.any_platform AND NOT person.in_register
    WHEN 'in_injury_insurance' THEN person.in_injury_insurance
    WHEN 'in_self_employment' THEN person.in_self_employment
    WHEN 'flexible_not_in_any_register' THEN
      (person.own_account OR person.part_time OR person.any_platform)
      AND NOT person.in_register AND NOT person.in_injury_insurance AND NOT person.in_self_employment
    ELSE (person.own_account OR person.part_time OR person.any_platform) AND NOT person.in_register
  END AS counts
FROM person
CROSS JOIN measure
-- step: result
SELECT
  month,
  stratum,
  cluster,
  district_code,
  measure,
  sum(CASE WHEN counts THEN 1 ELSE 0 END) AS persons,
  sum(CASE WHEN counts THEN weight ELSE CAST(0 AS DECIMAL(24,6)) END) AS weighted,
  sum(CASE WHEN counts THEN weighted_hours ELSE CAST(0 AS DECIMAL(24,6)) END) AS weighted_hours
FROM marked
GROUP BY month, stratum, cluster, district_code, measure
