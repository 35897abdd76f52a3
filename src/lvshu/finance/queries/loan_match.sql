-- The match of every loan, none dropped: an override of the loan itself, else the first level that is matched, in the
-- order direct borrower, intermediate parents, ultimate parent; else the first that waits for review; else unknown.
-- Only loans with other parties need a choice among levels (step `several`).
-- step: direct
SELECT
  loan.loan_id,
  coalesce(loan.uscc, '') || '|' || coalesce(loan.borrower_name, '') AS subject_key,
  party.loan_id IS NOT NULL AS with_parties
FROM loan
LEFT JOIN (SELECT DISTINCT loan_id FROM loan_party) AS party ON party.loan_id = loan.loan_id
-- step: levels
SELECT loan_id, 'direct' AS level, 0 AS place, subject_key
FROM direct
WHERE with_parties
UNION ALL
SELECT
  loan.loan_id,
  loan_party.level,
  CASE loan_party.level
    WHEN 'intermediate_1' THEN 1 WHEN 'intermediate_2' THEN 2 WHEN 'intermediate_3' THEN 3 ELSE 9
  END AS place,
  coalesce(loan_party.party_code, '') || '|' || coalesce(loan_party.party_name, '') AS subject_key
FROM loan
JOIN loan_party ON loan_party.loan_id = loan.loan_id
-- step: several
SELECT
  levels.loan_id,
  levels.level,
  levels.subject_key,
  row_number() OVER (
    PARTITION BY levels.loan_id
    ORDER BY
      CASE subject_match.status WHEN 'matched' THEN 0 WHEN 'natural_person' THEN 0 WHEN 'review' THEN 1 ELSE 2 END,
      levels.place
  ) AS choice
FROM levels
LEFT JOIN subject_match ON subject_match.subject_key = levels.subject_key
-- step: chosen
SELECT loan_id, 'direct' AS level, subject_key FROM direct WHERE NOT with_parties
UNION ALL
SELECT loan_id, level, subject_key FROM several WHERE choice = 1
-- step: judged
SELECT
  chosen.loan_id,
  chosen.level,
  chosen.subject_key,
  coalesce(subject_match.status, 'unknown') AS status,
  coalesce(subject_match.matched_by, 'none') AS matched_by,
  coalesce(subject_match.reason, 'not_found') AS reason,
  subject_match.entity_id,
  subject_match.probability
FROM chosen
LEFT JOIN subject_match ON subject_match.subject_key = chosen.subject_key
-- step: result
SELECT
  judged.loan_id,
  CASE
    WHEN own.subject IS NULL THEN judged.status
    WHEN known.entity_id IS NOT NULL THEN 'matched'
    ELSE 'unknown'
  END AS status,
  CASE WHEN own.subject IS NULL THEN judged.level ELSE 'direct' END AS level,
  CASE WHEN own.subject IS NULL THEN judged.matched_by ELSE 'override' END AS matched_by,
  CASE WHEN own.subject IS NULL THEN judged.reason ELSE 'override' END AS reason,
  judged.subject_key,
  CASE WHEN own.subject IS NULL THEN judged.entity_id ELSE known.entity_id END AS entity_id,
  CASE
    WHEN own.subject IS NULL
      THEN CASE WHEN judged.status = 'matched' THEN coalesce(judged_top.ultimate_parent_id, judged.entity_id) END
    ELSE coalesce(known_top.ultimate_parent_id, known.entity_id)
  END AS ultimate_parent_id,
  CASE WHEN own.subject IS NULL THEN judged.probability END AS probability,
  balance.year_end_balance AS outstanding_amount
FROM judged
LEFT JOIN match_override AS own ON own.subject_kind = 'loan' AND own.subject = judged.loan_id
LEFT JOIN company_code AS known ON known.code = own.company_id
LEFT JOIN group_top AS judged_top ON judged_top.entity_id = judged.entity_id
LEFT JOIN group_top AS known_top ON known_top.entity_id = known.entity_id
LEFT JOIN loan_average_balance AS balance ON balance.loan_id = judged.loan_id
