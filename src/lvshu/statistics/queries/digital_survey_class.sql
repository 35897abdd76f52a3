-- The business survey of the year by stratum and industry class: counts, weights, and the first and second sums
-- of weight times value added. The second sum is kept in million yuan, so that it stays exact in decimals.
-- A unit without an industry in the survey has that of the list, failing that the one of assigned_industry: found by
-- people, stated of the linked unit by another source, or coded by the machine, in that order.
-- Source: first and second sample moments of a stratified design (Cochran, Sampling Techniques, 1977, ch. 5).
-- step: weighted
SELECT
  survey.stratum,
  survey.take_all,
  coalesce(survey.industry_code, register.industry_code, assigned.industry_code, '') AS class_code,
  survey.weight,
  survey.value_added,
  as_quantity(CAST(survey.weight AS DOUBLE) * CAST(survey.value_added AS DOUBLE)) AS weighted_value
FROM business_survey AS survey
LEFT JOIN enterprise AS register ON register.uscc = survey.uscc
LEFT JOIN assigned_industry AS assigned ON assigned.uscc = survey.uscc
WHERE survey.year = :year
-- step: squared
SELECT
  stratum,
  take_all,
  class_code,
  weight,
  value_added,
  weighted_value,
  as_quantity(ratio(weighted_value, 1000000) * ratio(weighted_value, 1000000)) AS weighted_square
FROM weighted
-- step: result
SELECT
  stratum,
  take_all,
  class_code,
  count(*) AS units,
  count(value_added) AS answered,
  sum(CASE WHEN value_added < 0 THEN 1 ELSE 0 END) AS negative,
  sum(weight) AS weight,
  sum(CASE WHEN value_added IS NULL THEN CAST(0 AS DECIMAL(24,6)) ELSE weight END) AS weight_answered,
  coalesce(sum(weighted_value), 0) AS weighted_value_added,
  coalesce(sum(weighted_square), 0) AS weighted_square
FROM squared
GROUP BY stratum, take_all, class_code
