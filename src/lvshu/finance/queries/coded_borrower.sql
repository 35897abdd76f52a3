-- Borrowers whose class is known from the machine alone (no code in the register, none found by people), with what of
-- their loans in scope would move with the class: loans with a statement, which would be estimated by revenue
-- (revenue_attributed: revenue x exposure / denominator, to be multiplied by the intensity of the class's division), and
-- loans without a statement and without an industry, to be multiplied by the factor of the division.
-- emission_by_revenue is what the loans with a statement are counted with now. Borrowers with an estimate of their own
-- do not move. The register's own codes and stated purposes are taken as they are.
-- Source: activity_code; denominators from pack finance_methods, as attributed_emission.
-- step: coded
SELECT activity.uscc, activity.decision, activity.best_code AS machine_code
FROM activity_code AS activity
JOIN enterprise ON enterprise.uscc = activity.uscc AND enterprise.industry_code IS NULL
WHERE activity.decision IN ('coded', 'backed_off', 'abstained') AND activity.best_code IS NOT NULL
-- step: doubted
SELECT DISTINCT subject_id AS uscc
FROM contradicted_statement
WHERE treatment = 'set_aside' AND subject_kind = 'entity'
-- step: statement
SELECT coded.uscc, money.main_business_revenue AS revenue
FROM coded
JOIN enterprise_finance AS money
  ON money.uscc = coded.uscc AND money.year = :year AND money.main_business_revenue > 0
LEFT JOIN doubted ON doubted.uscc = coded.uscc
WHERE doubted.uscc IS NULL
-- step: lent
SELECT
  counted.method,
  coded.uscc,
  coded.decision,
  coded.machine_code,
  counted.intensity_division,
  counted.sector_code,
  counted.exposure,
  counted.emission,
  statement.revenue,
  CASE
    WHEN method.non_project_denominator = 'average_total_assets'
      THEN CAST(capital.average_total_assets AS DECIMAL(24,3))
    WHEN method.non_project_denominator = 'main_business_revenue'
      THEN CAST(capital.main_business_revenue AS DECIMAL(24,3))
    ELSE CAST(capital.value_or_capital AS DECIMAL(24,3))
  END AS denominator
FROM attributed_emission AS counted
JOIN coded ON counted.subject_kind = 'entity' AND counted.subject_id = coded.uscc
JOIN pack_finance_methods AS method ON method.code = counted.method
LEFT JOIN statement ON statement.uscc = coded.uscc
LEFT JOIN company_capital AS capital ON capital.uscc = coded.uscc
WHERE counted.calculation_method IN ('fallback', 'none')
-- step: weighed
SELECT
  method,
  uscc,
  decision,
  machine_code,
  coalesce(intensity_division, 'none') AS gbt4754_division,
  CASE WHEN revenue > 0 AND denominator > 0
    THEN as_quantity(CAST(exposure AS DOUBLE) * ratio(revenue, denominator)) END AS revenue_attributed,
  CASE WHEN revenue > 0 AND denominator > 0 THEN coalesce(emission, CAST(0 AS DECIMAL(24,6))) END AS emission,
  CASE WHEN (revenue > 0 AND denominator > 0) OR sector_code IS NOT NULL THEN NULL ELSE exposure END AS exposure
FROM lent
-- step: result
SELECT
  method,
  uscc,
  gbt4754_division,
  decision,
  machine_code,
  count(*) AS loans,
  CAST(coalesce(sum(revenue_attributed), 0) AS DECIMAL(24,6)) AS revenue_attributed,
  CAST(coalesce(sum(emission), 0) AS DECIMAL(24,6)) AS emission_by_revenue,
  CAST(coalesce(sum(exposure), 0) AS DECIMAL(24,2)) AS exposure_without_industry
FROM weighed
WHERE revenue_attributed IS NOT NULL OR exposure IS NOT NULL
GROUP BY method, uscc, gbt4754_division, decision, machine_code
