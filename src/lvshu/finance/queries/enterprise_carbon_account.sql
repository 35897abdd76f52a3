-- Enterprise carbon accounts: one row per credit code and year. In the book's year the emission is the estimate that
-- comes first in the order of priority, and the account shows what loans carry of it under the first method asked
-- for; an earlier year is the account of its own book where that was carried over, else its report. Removals and credits stand apart. Projects have accounts of their own in
-- attributed_emission and are not in the enterprise's.
-- Source: bank guide 2026 (posting to the enterprise's account); entity_emission, entity_emission_choice,
-- enterprise_carbon_account_previous.
-- step: report
SELECT
  uscc,
  year,
  CASE WHEN source = 'unverified' THEN 'unverified_report' ELSE 'verified_report' END AS calculation_method,
  CASE WHEN source = 'unverified' THEN 2 ELSE 1 END AS score,
  scope1,
  scope2,
  scope3,
  CASE WHEN scope1 IS NOT NULL AND scope2 IS NOT NULL THEN scope1 + scope2 ELSE total END AS emission,
  removals,
  credits_retired,
  row_number() OVER (
    PARTITION BY uscc, year ORDER BY CASE source WHEN 'verified' THEN 1 WHEN 'cems' THEN 2 ELSE 3 END
  ) AS place
FROM entity_emission
WHERE project_id IS NULL AND year <= :year
  AND (total IS NOT NULL OR (scope1 IS NOT NULL AND scope2 IS NOT NULL))
-- step: energy
SELECT
  subject_id AS uscc,
  CASE WHEN count(*) = count(coal_equivalent) THEN sum(coal_equivalent) END AS energy
FROM entity_energy_emission
WHERE subject_kind = 'entity'
GROUP BY subject_id
-- step: lent
SELECT
  subject_id AS uscc,
  count(*) AS loans,
  count(DISTINCT institution_id) AS institutions,
  sum(outstanding_amount) AS outstanding_amount,
  sum(emission) AS financed_emission,
  sum(CASE WHEN calculation_method <> 'fallback' THEN emission END) AS attributed_emission
FROM attributed_emission
WHERE method = :base_method AND subject_kind = 'entity' AND subject_id IS NOT NULL
GROUP BY subject_id
-- step: choice
SELECT subject_id AS uscc, calculation_method, quality_score, scope1, scope2, scope3, emission
FROM entity_emission_choice
WHERE method = 'pcaf_2022' AND subject_kind = 'entity'
-- step: listed
SELECT
  state.uscc,
  CASE WHEN count(CASE WHEN state.state = 'locked' THEN 1 END) > 0 THEN 'locked' ELSE max(state.state) END AS state
FROM client_state AS state
JOIN (SELECT DISTINCT list_id FROM formal_list WHERE year = :year) AS own ON own.list_id = state.list_id
WHERE state.project_id IS NULL
GROUP BY state.uscc
-- step: account
SELECT report.uscc, report.year
FROM report
LEFT JOIN enterprise_carbon_account_previous AS posted ON posted.uscc = report.uscc AND posted.year = report.year
WHERE report.place = 1 AND (report.year = :year OR posted.uscc IS NULL)
UNION
SELECT uscc, CAST(:year AS INTEGER) AS year FROM choice
UNION
SELECT uscc, CAST(:year AS INTEGER) AS year FROM lent
-- step: gathered
SELECT
  account.uscc,
  account.year,
  enterprise.name,
  enterprise.industry_code,
  CASE WHEN account.year = :year THEN 'estimated' ELSE 'reported' END AS basis,
  CASE WHEN account.year = :year THEN listed.state END AS desk_state,
  CASE WHEN account.year = :year THEN choice.calculation_method ELSE report.calculation_method END
    AS calculation_method,
  CASE WHEN account.year = :year THEN CAST(choice.quality_score AS DECIMAL(24,6))
    ELSE CAST(report.score AS DECIMAL(24,6)) END AS quality_score,
  CASE WHEN account.year = :year THEN choice.scope1 ELSE report.scope1 END AS scope1,
  CASE WHEN account.year = :year THEN choice.scope2 ELSE report.scope2 END AS scope2,
  CASE WHEN account.year = :year THEN choice.scope3 ELSE report.scope3 END AS scope3,
  CASE WHEN account.year = :year THEN choice.emission ELSE report.emission END AS emission,
  report.removals,
  report.credits_retired,
  CASE WHEN account.year = :year THEN energy.energy END AS energy,
  money.main_business_revenue,
  CASE WHEN account.year = :year THEN lent.loans END AS loans,
  CASE WHEN account.year = :year THEN lent.institutions END AS institutions,
  CASE WHEN account.year = :year THEN lent.outstanding_amount END AS outstanding_amount,
  CASE WHEN account.year = :year THEN lent.financed_emission END AS financed_emission,
  CASE WHEN account.year = :year THEN lent.attributed_emission END AS attributed_emission
FROM account
LEFT JOIN report ON report.uscc = account.uscc AND report.year = account.year AND report.place = 1
LEFT JOIN choice ON choice.uscc = account.uscc
LEFT JOIN energy ON energy.uscc = account.uscc
LEFT JOIN lent ON lent.uscc = account.uscc
LEFT JOIN enterprise ON enterprise.uscc = account.uscc
LEFT JOIN listed ON listed.uscc = account.uscc
LEFT JOIN enterprise_finance AS money ON money.uscc = account.uscc AND money.year = account.year
-- step: result
SELECT
  uscc,
  year,
  name,
  industry_code,
  basis,
  desk_state,
  CAST(NULL AS VARCHAR) AS source_run,
  calculation_method,
  quality_score,
  scope1,
  scope2,
  scope3,
  emission,
  removals,
  credits_retired,
  energy,
  main_business_revenue,
  CASE WHEN main_business_revenue > 0 THEN ratio(emission, ratio(main_business_revenue, 10000)) END AS intensity,
  loans,
  institutions,
  outstanding_amount,
  financed_emission,
  ratio(attributed_emission, emission) AS carried_share
FROM gathered
UNION ALL
SELECT
  uscc,
  year,
  name,
  industry_code,
  CASE WHEN basis = 'reported' THEN 'reported' ELSE 'posted' END AS basis,
  desk_state,
  source_run,
  calculation_method,
  quality_score,
  scope1,
  scope2,
  scope3,
  emission,
  removals,
  credits_retired,
  energy,
  main_business_revenue,
  intensity,
  loans,
  institutions,
  outstanding_amount,
  financed_emission,
  carried_share
FROM enterprise_carbon_account_previous
WHERE year < :year
