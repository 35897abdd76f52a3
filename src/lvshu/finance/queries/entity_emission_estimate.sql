-- Every estimate there is of the year's emission of each enterprise or project that a loan in scope, a security, a
-- facilitated deal or an insurance policy is
-- counted with (of a project loan both the project and its borrower): reported (verified, unverified), energy, product, economic. Revenue is counted once per enterprise.
-- emission is scopes 1 and 2; scope 1 and scope 2 are empty where only their sum is known. A report of one scope alone
-- is not the whole emission: not used, and told. A report of CO2 alone is used, marked co2_alone: a lower bound of CO2e.
-- Energy = fuels + process + electricity + heat. Where a line of energy or a process has no factor the others are added
-- up and the estimate is marked incomplete: a lower bound, taken only where no whole estimate is there. In an industry with process emissions an energy return without a
-- process return, and an estimate by intensities of energy emissions, lack them: marked process_missing, and told.
-- A product factor that covers the process alone (without energy) is not the product's whole emission: not used; a
-- factor of the enterprise's own is.
-- Revenue, else assets, x the factor of the nearest class, group or division (sector_factor_applied), with its origin.
-- An enterprise without a code in the register has the industry found from its text (coded_industry).
-- An economic estimate from a statement that the loan ledger contradicts is kept and marked set_aside.
-- A project has no economic estimate: revenue and assets are those of enterprises.
-- Source: five methods of the bank guide in their order; PCAF (2022) options 1a, 1b, 2a, 2b, 3a.
-- step: subject
SELECT subject_kind, subject_id FROM loan_scope WHERE scope_status = 'in'
UNION
SELECT 'entity' AS subject_kind, loan.uscc AS subject_id
FROM loan_scope AS scope
JOIN loan_subject AS loan ON loan.loan_id = scope.loan_id
WHERE scope.scope_status = 'in' AND scope.subject_kind = 'project' AND loan.subject_kind = 'project'
  AND loan.uscc IS NOT NULL
UNION
SELECT 'entity' AS subject_kind, uscc AS subject_id FROM security_position WHERE year = :year
UNION
SELECT 'entity' AS subject_kind, uscc AS subject_id FROM facilitated_deal WHERE year = :year AND uscc IS NOT NULL
UNION
SELECT 'entity' AS subject_kind, uscc AS subject_id FROM insurance_policy WHERE year = :year AND uscc IS NOT NULL
-- step: report
SELECT
  CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END AS subject_kind,
  coalesce(project_id, uscc) AS subject_id,
  CASE WHEN source = 'unverified' THEN 'unverified_report' ELSE 'verified_report' END AS calculation,
  CASE source WHEN 'verified' THEN 1 ELSE 2 END AS preference,
  source,
  scope1,
  scope2,
  scope3,
  CASE WHEN scope1 IS NOT NULL AND scope2 IS NOT NULL THEN scope1 + scope2 ELSE total END AS emission,
  CASE WHEN scope1 IS NOT NULL AND scope2 IS NOT NULL THEN 'scopes_1_2' ELSE 'total_only' END AS basis,
  coalesce(gases = 'co2', false) AS co2_alone
FROM entity_emission
WHERE year = :year AND (total IS NOT NULL OR (scope1 IS NOT NULL AND scope2 IS NOT NULL))
-- step: reported_once
SELECT
  subject_kind,
  subject_id,
  calculation,
  CASE WHEN basis = 'total_only' THEN NULL ELSE scope1 END AS scope1,
  CASE WHEN basis = 'total_only' THEN NULL ELSE scope2 END AS scope2,
  scope3,
  emission,
  basis,
  co2_alone,
  row_number() OVER (PARTITION BY subject_kind, subject_id, calculation ORDER BY preference, source) AS place
FROM report
-- step: energy
SELECT
  subject_kind,
  subject_id,
  sum(CASE WHEN scope = 'scope1' THEN emission END) AS scope1,
  sum(CASE WHEN scope = 'scope2' THEN emission END) AS scope2,
  sum(emission) AS emission,
  count(*) > count(emission) AS incomplete
FROM entity_energy_emission
GROUP BY subject_kind, subject_id
HAVING count(emission) > 0
-- step: process
SELECT subject_kind, subject_id, sum(emission) AS emission, count(*) AS items, count(emission) AS items_with_factor
FROM entity_process_emission
GROUP BY subject_kind, subject_id
-- step: firm
SELECT enterprise.uscc, coalesce(enterprise.industry_code, coded.industry_code) AS industry_code
FROM enterprise
LEFT JOIN coded_industry AS coded ON coded.uscc = enterprise.uscc
-- step: process_industry
SELECT 'entity' AS subject_kind, firm.uscc AS subject_id
FROM firm
JOIN pack_process_industries AS rule ON rule.class_code = firm.industry_code
UNION ALL
SELECT 'project' AS subject_kind, project.project_id AS subject_id
FROM project
JOIN pack_process_industries AS rule ON rule.class_code = project.industry_code
-- step: product
SELECT
  CASE WHEN made.project_id IS NULL THEN 'entity' ELSE 'project' END AS subject_kind,
  coalesce(made.project_id, made.uscc) AS subject_id,
  count(*) AS products,
  count(coalesce(made.factor, factor.factor)) AS products_with_factor,
  sum(as_quantity(CAST(made.quantity AS DOUBLE) * CAST(coalesce(made.factor, factor.factor) AS DOUBLE))) AS emission
FROM product_return AS made
LEFT JOIN pack_product_factors AS factor
  ON factor.product_code = made.product_code AND factor.scope <> 'process'
WHERE made.year = :year
GROUP BY CASE WHEN made.project_id IS NULL THEN 'entity' ELSE 'project' END, coalesce(made.project_id, made.uscc)
-- step: industry
SELECT uscc, industry_code AS code, 4 AS digits FROM firm WHERE length(industry_code) >= 4
UNION ALL
SELECT uscc, substr(industry_code, 1, 3) AS code, 3 AS digits FROM firm WHERE length(industry_code) >= 3
UNION ALL
SELECT uscc, substr(industry_code, 1, 2) AS code, 2 AS digits FROM firm WHERE length(industry_code) >= 2
-- step: nearest
SELECT
  industry.uscc,
  factor.origin,
  factor.intensity_revenue,
  factor.intensity_assets,
  factor.direct_revenue,
  factor.direct_assets,
  row_number() OVER (PARTITION BY industry.uscc ORDER BY industry.digits DESC) AS place
FROM industry
JOIN sector_factor_applied AS factor ON factor.code = industry.code
-- step: doubted
SELECT DISTINCT subject_kind, subject_id
FROM contradicted_statement
WHERE treatment = 'set_aside'
-- step: economic_input
SELECT
  firm.uscc,
  substr(firm.industry_code, 1, 2) AS division,
  CASE WHEN money.main_business_revenue > 0 AND intensity.intensity_revenue IS NOT NULL
      THEN money.main_business_revenue
    WHEN intensity.intensity_assets IS NOT NULL AND money.total_assets_begin + money.total_assets_end > 0
      THEN CAST((money.total_assets_begin + money.total_assets_end) * CAST(0.5 AS DECIMAL(2,1)) AS DECIMAL(20,2))
  END AS activity,
  CASE WHEN money.main_business_revenue > 0 AND intensity.intensity_revenue IS NOT NULL
      THEN intensity.intensity_revenue ELSE intensity.intensity_assets END
    AS whole_intensity,
  CASE WHEN money.main_business_revenue > 0 AND intensity.intensity_revenue IS NOT NULL
      THEN intensity.direct_revenue ELSE intensity.direct_assets END
    AS direct_intensity,
  CASE WHEN money.main_business_revenue > 0 AND intensity.intensity_revenue IS NOT NULL
      THEN 'revenue' ELSE 'average_total_assets' END AS basis,
  intensity.origin,
  doubt.subject_id IS NOT NULL AS set_aside
FROM subject
JOIN firm ON subject.subject_kind = 'entity' AND firm.uscc = subject.subject_id
JOIN enterprise_finance AS money ON money.uscc = firm.uscc AND money.year = :year
JOIN nearest AS intensity ON intensity.uscc = firm.uscc AND intensity.place = 1
LEFT JOIN doubted AS doubt
  ON doubt.subject_kind = 'entity' AND doubt.subject_id = firm.uscc
-- step: economic
SELECT
  uscc,
  division,
  activity,
  whole_intensity,
  basis,
  origin,
  set_aside,
  as_quantity(CAST(activity AS DOUBLE) * whole_intensity) AS emission,
  as_quantity(CAST(activity AS DOUBLE) * direct_intensity) AS scope1
FROM economic_input
WHERE activity IS NOT NULL AND whole_intensity IS NOT NULL
-- step: result
SELECT
  reported_once.subject_kind,
  reported_once.subject_id,
  reported_once.calculation,
  reported_once.emission,
  reported_once.scope1,
  reported_once.scope2,
  reported_once.scope3,
  reported_once.basis,
  NULL AS intensity_division,
  NULL AS activity,
  NULL AS intensity,
  false AS process_missing,
  false AS set_aside,
  false AS incomplete,
  NULL AS intensity_origin,
  reported_once.co2_alone
FROM reported_once
JOIN subject ON subject.subject_kind = reported_once.subject_kind AND subject.subject_id = reported_once.subject_id
WHERE reported_once.place = 1
UNION ALL
SELECT
  energy.subject_kind,
  energy.subject_id,
  'energy' AS calculation,
  energy.emission + coalesce(process.emission, CAST(0 AS DECIMAL(24,6))) AS emission,
  coalesce(energy.scope1, CAST(0 AS DECIMAL(24,6))) + coalesce(process.emission, CAST(0 AS DECIMAL(24,6))) AS scope1,
  coalesce(energy.scope2, CAST(0 AS DECIMAL(24,6))) AS scope2,
  NULL AS scope3,
  'energy_return' AS basis,
  NULL AS intensity_division,
  NULL AS activity,
  NULL AS intensity,
  industry.subject_id IS NOT NULL AND process.items IS NULL AS process_missing,
  false AS set_aside,
  energy.incomplete OR coalesce(process.items > process.items_with_factor, false) AS incomplete,
  NULL AS intensity_origin,
  false AS co2_alone
FROM energy
JOIN subject ON subject.subject_kind = energy.subject_kind AND subject.subject_id = energy.subject_id
LEFT JOIN process ON process.subject_kind = energy.subject_kind AND process.subject_id = energy.subject_id
LEFT JOIN process_industry AS industry
  ON industry.subject_kind = energy.subject_kind AND industry.subject_id = energy.subject_id
UNION ALL
SELECT
  product.subject_kind,
  product.subject_id,
  'product' AS calculation,
  product.emission,
  NULL AS scope1,
  NULL AS scope2,
  NULL AS scope3,
  'product_return' AS basis,
  NULL AS intensity_division,
  NULL AS activity,
  NULL AS intensity,
  false AS process_missing,
  false AS set_aside,
  false AS incomplete,
  NULL AS intensity_origin,
  false AS co2_alone
FROM product
JOIN subject ON subject.subject_kind = product.subject_kind AND subject.subject_id = product.subject_id
WHERE product.products = product.products_with_factor
UNION ALL
SELECT
  'entity' AS subject_kind,
  economic.uscc AS subject_id,
  'economic' AS calculation,
  economic.emission,
  economic.scope1,
  economic.emission - economic.scope1 AS scope2,
  NULL AS scope3,
  economic.basis,
  economic.division AS intensity_division,
  economic.activity,
  economic.whole_intensity AS intensity,
  industry.subject_id IS NOT NULL AS process_missing,
  economic.set_aside,
  false AS incomplete,
  economic.origin AS intensity_origin,
  false AS co2_alone
FROM economic
LEFT JOIN process_industry AS industry
  ON industry.subject_kind = 'entity' AND industry.subject_id = economic.uscc
