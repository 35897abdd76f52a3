-- The business survey of the year by stratum, industry class, district and measure: counts, weights, and the first and
-- second sums of weight times value, by which any derived classification can be added up. Money is squared in million
-- yuan, counts as they are, so that the sums stay exact in decimals. Employees are those the register states.
-- Source: first and second sample moments of a stratified design (Cochran, Sampling Techniques, 1977, ch. 5).
-- step: unit
SELECT
  survey.stratum,
  survey.take_all,
  coalesce(survey.industry_code, register.industry_code, assigned.industry_code, '') AS class_code,
  coalesce(survey.district_code, register.district_code, 'unknown') AS district_code,
  survey.weight,
  CAST(survey.value_added AS DOUBLE) AS value_added,
  CAST(survey.revenue AS DOUBLE) AS revenue,
  CAST(register.employee_count AS DOUBLE) AS employees
FROM business_survey AS survey
LEFT JOIN enterprise AS register ON register.uscc = survey.uscc
LEFT JOIN assigned_industry AS assigned ON assigned.uscc = survey.uscc
WHERE survey.year = :year
-- step: stated
SELECT 'value_added' AS measure, 1000000 AS scale, stratum, take_all, class_code, district_code, weight,
  value_added AS amount
FROM unit
UNION ALL
SELECT 'revenue' AS measure, 1000000 AS scale, stratum, take_all, class_code, district_code, weight, revenue AS amount
FROM unit
UNION ALL
SELECT 'employees' AS measure, 1 AS scale, stratum, take_all, class_code, district_code, weight, employees AS amount
FROM unit
UNION ALL
SELECT 'units' AS measure, 1 AS scale, stratum, take_all, class_code, district_code, weight,
  CAST(1 AS DOUBLE) AS amount
FROM unit
-- step: weighted
SELECT
  measure,
  scale,
  stratum,
  take_all,
  class_code,
  district_code,
  weight,
  amount,
  as_quantity(CAST(weight AS DOUBLE) * amount) AS weighted_amount
FROM stated
-- step: squared
SELECT
  measure,
  scale,
  stratum,
  take_all,
  class_code,
  district_code,
  weight,
  amount,
  weighted_amount,
  as_quantity(ratio(weighted_amount, scale) * ratio(weighted_amount, scale)) AS weighted_square
FROM weighted
-- step: result
SELECT
  measure,
  stratum,
  take_all,
  class_code,
  district_code,
  count(*) AS units,
  count(amount) AS answered,
  sum(CASE WHEN amount < 0 THEN 1 ELSE 0 END) AS negative,
  sum(weight) AS weight,
  sum(CASE WHEN amount IS NULL THEN CAST(0 AS DECIMAL(24,6)) ELSE weight END) AS weight_answered,
  coalesce(sum(weighted_amount), 0) AS weighted_amount,
  coalesce(sum(weighted_square), 0) AS weighted_square
FROM squared
GROUP BY measure, stratum, take_all, class_code, district_code
