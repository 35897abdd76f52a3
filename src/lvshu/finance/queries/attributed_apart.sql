-- What loans and securities carry of the removals, credits and avoided emissions of their borrowers and issuers: the
-- reported quantity x the attribution factor of the emission. Kept in a table of its own: nothing is ever netted.
-- Where a subject has several reports, of each kind the verified one that states it counts, then continuous monitoring.
-- Source: PCAF Standard Part A (2022), sections 4.2, 5.1 (tables 5-4 and 5-5).
-- step: report
SELECT
  CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END AS subject_kind,
  coalesce(project_id, uscc) AS subject_id,
  uscc,
  CASE source WHEN 'verified' THEN 1 WHEN 'cems' THEN 2 ELSE 3 END AS preference,
  removals,
  credits_retired,
  credits_generated,
  avoided
FROM entity_emission
WHERE year = :year
-- step: stated
SELECT subject_kind, subject_id, uscc, preference, 'removals' AS kind, removals AS whole
FROM report
WHERE removals IS NOT NULL
UNION ALL
SELECT subject_kind, subject_id, uscc, preference, 'credits_retired' AS kind, credits_retired AS whole
FROM report
WHERE credits_retired IS NOT NULL
UNION ALL
SELECT subject_kind, subject_id, uscc, preference, 'credits_generated' AS kind, credits_generated AS whole
FROM report
WHERE credits_generated IS NOT NULL
UNION ALL
SELECT subject_kind, subject_id, uscc, preference, 'avoided' AS kind, avoided AS whole
FROM report
WHERE avoided IS NOT NULL
-- step: item
SELECT
  subject_kind,
  subject_id,
  kind,
  whole,
  row_number() OVER (PARTITION BY subject_kind, subject_id, kind ORDER BY preference, uscc, whole) AS place
FROM stated
-- step: carried
SELECT method, loan_id AS position_id, institution_id, branch_code, subject_kind, subject_id, attribution_factor
FROM attributed_emission
WHERE attribution_factor IS NOT NULL
UNION ALL
SELECT 'pcaf_2022' AS method, position_id, institution_id, branch_code, 'entity' AS subject_kind, subject_id,
  attribution_factor
FROM asset_class_emission
WHERE attribution_factor IS NOT NULL AND asset_class IN ('listed_equity_bond', 'business_loan')
-- step: result
SELECT
  carried.method,
  carried.position_id,
  carried.institution_id,
  carried.branch_code,
  item.kind,
  carried.attribution_factor,
  as_quantity(CAST(item.whole AS DOUBLE) * carried.attribution_factor) AS quantity
FROM item
JOIN carried ON carried.subject_kind = item.subject_kind AND carried.subject_id = item.subject_id
WHERE item.place = 1
