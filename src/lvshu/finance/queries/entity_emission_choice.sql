-- The estimate that each accounting method takes for each enterprise or project: the first in its order of
-- priority among those there are, with its data-quality score. Estimates set aside are not among them; one that lacks a
-- line of energy (incomplete) comes after all whole ones.
-- Those of PCAF (2022) are always there: securities need them.
-- Scope 3 is chosen apart, with a score of its own: from a report that says its scope 3 was verified, else from any.
-- Source: pack finance_quality_scores; PCAF (2022): scores of scopes 1 and 2 and of scope 3 are stated apart.
-- step: value_chain_report
SELECT
  CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END AS subject_kind,
  coalesce(project_id, uscc) AS subject_id,
  CASE WHEN source = 'verified' AND coalesce(scope3_verified, false) THEN 'verified_report' ELSE 'unverified_report' END
    AS calculation,
  CASE WHEN source = 'verified' AND coalesce(scope3_verified, false) THEN 0 WHEN source = 'verified' THEN 1
    WHEN source = 'cems' THEN 2 ELSE 3 END AS preference,
  uscc,
  scope3
FROM entity_emission
WHERE year = :year AND scope3 IS NOT NULL
-- step: value_chain
SELECT
  subject_kind,
  subject_id,
  calculation,
  scope3,
  row_number() OVER (PARTITION BY subject_kind, subject_id ORDER BY preference, uscc) AS place
FROM value_chain_report
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
  estimate.intensity_division,
  estimate.incomplete,
  estimate.co2_alone,
  row_number() OVER (
    PARTITION BY score.method, estimate.subject_kind, estimate.subject_id
    ORDER BY CASE WHEN estimate.incomplete THEN 1 ELSE 0 END, score.priority, estimate.calculation
  ) AS place,
  count(*) OVER (PARTITION BY score.method, estimate.subject_kind, estimate.subject_id) AS estimates_available
FROM entity_emission_estimate AS estimate
JOIN pack_finance_quality_scores AS score ON score.calculation = estimate.calculation
WHERE NOT estimate.set_aside
  AND (score.method = 'pcaf_2022' OR :methods LIKE concat('%|', score.method, '|%'))
-- step: result
SELECT
  ranked.method,
  ranked.subject_kind,
  ranked.subject_id,
  ranked.calculation AS calculation_method,
  ranked.option AS quality_option,
  ranked.quality_score,
  ranked.emission,
  ranked.scope1,
  ranked.scope2,
  value_chain.scope3,
  CASE WHEN value_chain.scope3 IS NOT NULL THEN CAST(score.score AS DECIMAL(4,2)) END AS scope3_score,
  ranked.intensity_division,
  ranked.estimates_available,
  ranked.incomplete,
  ranked.co2_alone
FROM ranked
LEFT JOIN value_chain
  ON value_chain.subject_kind = ranked.subject_kind AND value_chain.subject_id = ranked.subject_id
  AND value_chain.place = 1
LEFT JOIN pack_finance_quality_scores AS score
  ON score.method = ranked.method AND score.calculation = value_chain.calculation
WHERE ranked.place = 1
