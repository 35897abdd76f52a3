-- Coverage, weighted data-quality score and emission per million lent, by asset class and institution and for all
-- ('*'), scopes 1 and 2 apart from scope 3. Scores are weighted by outstanding amount.
-- Source: PCAF Standard Part A (2022), chapter 6; pcaf_portfolio.
-- step: by_scope
SELECT
  asset_class,
  institution_id,
  'scope1_2' AS scope,
  outstanding_amount,
  outstanding_estimated AS outstanding_covered,
  emission,
  outstanding_times_score AS times_score
FROM pcaf_portfolio
UNION ALL
SELECT
  asset_class,
  institution_id,
  'scope3' AS scope,
  outstanding_amount,
  outstanding_scope3 AS outstanding_covered,
  scope3 AS emission,
  outstanding_times_score3 AS times_score
FROM pcaf_portfolio
-- step: level
SELECT 1 AS own_class, 1 AS own_institution
UNION ALL
SELECT 1 AS own_class, 0 AS own_institution
UNION ALL
SELECT 0 AS own_class, 1 AS own_institution
UNION ALL
SELECT 0 AS own_class, 0 AS own_institution
-- step: summed
SELECT
  CASE WHEN level.own_class = 1 THEN by_scope.asset_class ELSE '*' END AS asset_class,
  CASE WHEN level.own_institution = 1 THEN by_scope.institution_id ELSE '*' END AS institution_id,
  by_scope.scope,
  sum(by_scope.outstanding_amount) AS outstanding_amount,
  sum(by_scope.outstanding_covered) AS outstanding_covered,
  sum(by_scope.emission) AS emission,
  sum(by_scope.times_score) AS times_score
FROM by_scope
CROSS JOIN level
GROUP BY
  CASE WHEN level.own_class = 1 THEN by_scope.asset_class ELSE '*' END,
  CASE WHEN level.own_institution = 1 THEN by_scope.institution_id ELSE '*' END,
  by_scope.scope
-- step: result
SELECT
  asset_class,
  institution_id,
  scope,
  outstanding_amount,
  outstanding_covered,
  emission,
  ratio(outstanding_covered, outstanding_amount) AS coverage,
  as_quantity(ratio(times_score, outstanding_covered)) AS weighted_score,
  ratio(emission, ratio(outstanding_covered, 1000000)) AS intensity
FROM summed
