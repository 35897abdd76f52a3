-- The estimate that each accounting method takes for each enterprise or project: the first in its order of
-- priority among those there are, with its data-quality score. Estimates set aside are not among them.
-- Those of PCAF (2022) are always there: securities need them.
-- Source: pack finance_quality_scores.
-- step: ranked
SELECT
  score.method,
  estimate.subject_kind,
  estimate.subject_id,
  estimate.calculation,
  score.option,
  CAST(score.score AS DECIMAL(4,2)) AS quality_score,
  estimate.emission,
  estimate.scope1,
  estimate.scope2,
  estimate.scope3,
  estimate.intensity_division,
  row_number() OVER (
    PARTITION BY score.method, estimate.subject_kind, estimate.subject_id
    ORDER BY score.priority, estimate.calculation
  ) AS place,
  count(*) OVER (PARTITION BY score.method, estimate.subject_kind, estimate.subject_id) AS estimates_available
FROM entity_emission_estimate AS estimate
JOIN pack_finance_quality_scores AS score ON score.calculation = estimate.calculation
WHERE NOT estimate.set_aside
  AND (score.method = 'pcaf_2022' OR :methods LIKE concat('%|', score.method, '|%'))
-- step: result
SELECT
  method,
  subject_kind,
  subject_id,
  calculation AS calculation_method,
  option AS quality_option,
  quality_score,
  emission,
  scope1,
  scope2,
  scope3,
  intensity_division,
  estimates_available
FROM ranked
WHERE place = 1
