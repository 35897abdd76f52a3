-- Weighted data-quality score and grade of each institution, and of all ('*'), under each accounting method.
-- Weight: emission (bank guides) or outstanding amount (PCAF), as the method says; loans without an estimate
-- have no score and are outside. Grades only where the method has them.
-- Source: bank guide (DQR = sum(emission x score) / sum(emission)); PCAF (2022), weighted by outstanding.
-- step: weighed
SELECT
  quality.method,
  quality.institution_id,
  sum(quality.loans) AS loans,
  sum(CASE WHEN method.quality_weight = 'emission' THEN quality.emission
    ELSE CAST(quality.exposure AS DECIMAL(24,6)) END) AS weight,
  sum(CASE WHEN method.quality_weight = 'emission' THEN quality.emission
    ELSE CAST(quality.exposure AS DECIMAL(24,6)) END * CAST(quality.quality_score AS DECIMAL(4,2))) AS weight_times_score
FROM data_quality AS quality
JOIN pack_finance_methods AS method ON method.code = quality.method
WHERE quality.quality_score IS NOT NULL
GROUP BY quality.method, quality.institution_id
-- step: both
SELECT method, institution_id, loans, weight, weight_times_score FROM weighed
UNION ALL
SELECT
  method,
  '*' AS institution_id,
  CAST(sum(loans) AS BIGINT) AS loans,
  CAST(sum(weight) AS DECIMAL(24,6)) AS weight,
  CAST(sum(weight_times_score) AS DECIMAL(24,6)) AS weight_times_score
FROM weighed
GROUP BY method
-- step: scored
SELECT
  method,
  institution_id,
  loans,
  as_quantity(ratio(weight_times_score, weight)) AS weighted_score
FROM both
-- step: result
SELECT
  scored.method,
  scored.institution_id,
  scored.loans,
  method.quality_weight,
  scored.weighted_score,
  CASE
    WHEN method.grade_a_up_to IS NULL OR scored.weighted_score IS NULL THEN NULL
    WHEN scored.weighted_score <= method.grade_a_up_to THEN 'A'
    WHEN scored.weighted_score <= method.grade_b_plus_up_to THEN 'B+'
    WHEN scored.weighted_score <= method.grade_b_up_to THEN 'B'
    WHEN scored.weighted_score <= method.grade_b_minus_up_to THEN 'B-'
    ELSE 'C'
  END AS grade
FROM scored
JOIN pack_finance_methods AS method ON method.code = scored.method
