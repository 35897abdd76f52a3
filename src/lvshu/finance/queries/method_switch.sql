-- The same loans under the first accounting method asked for and under each other: the gap taken apart exactly.
-- scope_added / scope_removed: loans that only one of the two covers. For loans that both cover with the same
-- estimate: exposure (numerator) first, E x (X1 - X0) / D0, then denominator, the rest. calculation: loans whose
-- way of estimating differs. The five effects add up to the difference of the two totals to the last decimal.
-- Source: comparison of attributed_emission under two methods; order of effects stated here.
-- step: base
SELECT
  loan_id, industry_group, exposure, entity_emission, denominator, calculation_method,
  coalesce(emission, CAST(0 AS DECIMAL(24,6))) AS emission
FROM attributed_emission
WHERE method = :base_method
-- step: other
SELECT
  loan_id, method, industry_group, exposure, entity_emission, denominator, calculation_method,
  coalesce(emission, CAST(0 AS DECIMAL(24,6))) AS emission
FROM attributed_emission
WHERE method <> :base_method
-- step: compared
SELECT code AS method FROM pack_finance_methods
WHERE code <> :base_method AND :methods LIKE concat('%|', code, '|%')
-- step: base_for_each
SELECT
  compared.method,
  base.loan_id,
  base.industry_group,
  base.exposure,
  base.entity_emission,
  base.denominator,
  base.calculation_method,
  base.emission
FROM base
CROSS JOIN compared
-- step: pair
SELECT
  coalesce(b.method, o.method) AS method,
  coalesce(b.loan_id, o.loan_id) AS loan_id,
  coalesce(o.industry_group, b.industry_group) AS industry_group,
  b.emission AS emission_base,
  o.emission AS emission_other,
  CASE
    WHEN b.loan_id IS NULL THEN 'scope_added'
    WHEN o.loan_id IS NULL THEN 'scope_removed'
    WHEN b.calculation_method = o.calculation_method THEN 'same_calculation'
    ELSE 'calculation'
  END AS kind,
  CASE
    WHEN b.calculation_method <> o.calculation_method THEN NULL
    WHEN b.calculation_method IN ('fallback', 'none') THEN o.emission - b.emission
    ELSE as_quantity(CAST(b.entity_emission AS DOUBLE) * ratio(o.exposure - b.exposure, b.denominator))
  END AS exposure_effect
FROM base_for_each AS b
FULL OUTER JOIN other AS o ON o.loan_id = b.loan_id AND o.method = b.method
-- step: effect
SELECT method, loan_id, industry_group, 'base_total' AS effect, emission_base AS emission FROM pair
WHERE emission_base IS NOT NULL
UNION ALL
SELECT method, loan_id, industry_group, 'scope_added' AS effect, emission_other AS emission FROM pair
WHERE kind = 'scope_added'
UNION ALL
SELECT method, loan_id, industry_group, 'scope_removed' AS effect, -emission_base AS emission FROM pair
WHERE kind = 'scope_removed'
UNION ALL
SELECT method, loan_id, industry_group, 'calculation' AS effect, emission_other - emission_base AS emission FROM pair
WHERE kind = 'calculation'
UNION ALL
SELECT method, loan_id, industry_group, 'exposure' AS effect, exposure_effect AS emission FROM pair
WHERE kind = 'same_calculation'
UNION ALL
SELECT method, loan_id, industry_group, 'denominator' AS effect, emission_other - emission_base - exposure_effect AS emission
FROM pair
WHERE kind = 'same_calculation'
UNION ALL
SELECT method, loan_id, industry_group, 'other_total' AS effect, emission_other AS emission FROM pair
WHERE emission_other IS NOT NULL
-- step: result
SELECT
  CAST(:base_method AS VARCHAR) AS base_method,
  method,
  industry_group,
  effect,
  count(*) AS loans,
  sum(emission) AS emission
FROM effect
GROUP BY method, industry_group, effect
