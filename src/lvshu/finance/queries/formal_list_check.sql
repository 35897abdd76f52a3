-- What the ledger of this run says of each locked list: same, other amounts, no longer a candidate, newly one.
-- The list stays as it was locked; only a recorded correction changes it.
-- Source: formal_list, candidate_client.
-- step: locked
SELECT list_id, method, institution_id, uscc, coalesce(project_id, 'none') AS project_id, exposure
FROM formal_list
WHERE year = :year
-- step: list_of
SELECT DISTINCT list_id, method, institution_id FROM locked
-- step: result
SELECT
  locked.list_id,
  locked.uscc,
  locked.project_id,
  CASE
    WHEN candidate.uscc IS NULL THEN 'no_longer_candidate'
    WHEN coalesce(candidate.exposure, 0) <> coalesce(locked.exposure, 0) THEN 'amount_changed'
    ELSE 'same'
  END AS status,
  locked.exposure AS exposure_locked,
  candidate.exposure AS exposure_now
FROM locked
LEFT JOIN candidate_client AS candidate
  ON candidate.method = locked.method AND candidate.institution_id = locked.institution_id
  AND candidate.uscc = locked.uscc AND candidate.project_id = locked.project_id
UNION ALL
SELECT
  list_of.list_id,
  candidate.uscc,
  candidate.project_id,
  'new_candidate' AS status,
  CAST(NULL AS DECIMAL(20,2)) AS exposure_locked,
  candidate.exposure AS exposure_now
FROM candidate_client AS candidate
JOIN list_of ON list_of.method = candidate.method AND list_of.institution_id = candidate.institution_id
LEFT JOIN locked
  ON locked.list_id = list_of.list_id AND locked.uscc = candidate.uscc AND locked.project_id = candidate.project_id
WHERE locked.uscc IS NULL
