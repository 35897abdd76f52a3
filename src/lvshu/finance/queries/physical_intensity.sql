-- Physical intensity of each institution and of all ('*'): financed emission / (attribution factor x output) over the
-- loans whose borrower or project returned the output of ONE product (of several, the emission is not known by product),
-- and financed emission / (attribution factor x floor area) over properties.
-- Source: PCAF Standard Part A (2022), chapter 6 (physical emission intensity).
-- step: made
SELECT
  CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END AS subject_kind,
  coalesce(project_id, uscc) AS subject_id,
  count(DISTINCT product_code) AS products,
  min(product_code) AS product_code,
  sum(quantity) AS quantity
FROM product_return
WHERE year = :year
GROUP BY CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END, coalesce(project_id, uscc)
-- step: every
SELECT
  attributed.method,
  attributed.institution_id,
  made.product_code AS activity,
  't' AS unit,
  attributed.outstanding_amount,
  as_quantity(CAST(made.quantity AS DOUBLE) * attributed.attribution_factor) AS activity_share,
  attributed.emission
FROM attributed_emission AS attributed
JOIN made ON made.subject_kind = attributed.subject_kind AND made.subject_id = attributed.subject_id AND made.products = 1
WHERE attributed.attribution_factor IS NOT NULL AND attributed.emission IS NOT NULL
UNION ALL
SELECT
  'pcaf_2022' AS method,
  held.institution_id,
  'floor_area' AS activity,
  'm2' AS unit,
  held.outstanding_amount,
  as_quantity(CAST(property.floor_area AS DOUBLE) * held.attribution_factor) AS activity_share,
  held.emission
FROM asset_class_emission AS held
JOIN property_finance AS property ON property.loan_id = held.position_id
WHERE held.asset_class IN ('commercial_real_estate', 'mortgage') AND held.attribution_factor IS NOT NULL
  AND held.emission IS NOT NULL AND property.floor_area > 0
-- step: level
SELECT 1 AS own
UNION ALL
SELECT 0 AS own
-- step: summed
SELECT
  every.method,
  CASE WHEN level.own = 1 THEN every.institution_id ELSE '*' END AS institution_id,
  every.activity,
  every.unit,
  count(*) AS positions,
  sum(every.outstanding_amount) AS outstanding_amount,
  CAST(sum(every.activity_share) AS DECIMAL(24,6)) AS financed_activity,
  CAST(sum(every.emission) AS DECIMAL(24,6)) AS emission
FROM every
CROSS JOIN level
GROUP BY every.method, CASE WHEN level.own = 1 THEN every.institution_id ELSE '*' END, every.activity, every.unit
-- step: result
SELECT
  method,
  institution_id,
  activity,
  unit,
  positions,
  outstanding_amount,
  financed_activity,
  emission,
  ratio(emission, financed_activity) AS intensity
FROM summed
