-- Branches that loans name by their name where other loans of the institution give that name beside a code: one branch.
-- A name that stands beside several codes stays a branch of its own (branch_code is empty), and is told; a name that is
-- itself a code with a name of its own is no name. Names are compared as they stand.
-- Source: the ledger itself: the rows of loan that have both.
-- step: written
SELECT institution_id, branch_code, branch_name, count(*) AS loans
FROM loan
WHERE branch_code IS NOT NULL OR branch_name IS NOT NULL
GROUP BY institution_id, branch_code, branch_name
-- step: pair
SELECT institution_id, branch_code, branch_name
FROM written
WHERE branch_code <> branch_name
-- step: code
SELECT DISTINCT institution_id, branch_code FROM pair
-- step: known
SELECT institution_id, branch_name, count(*) AS codes, min(branch_code) AS branch_code
FROM pair
GROUP BY institution_id, branch_name
-- step: by_name
SELECT institution_id, coalesce(branch_code, branch_name) AS branch_name, sum(loans) AS loans
FROM written
WHERE branch_code IS NULL OR branch_name IS NULL OR branch_code = branch_name
GROUP BY institution_id, coalesce(branch_code, branch_name)
-- step: result
SELECT
  by_name.institution_id,
  by_name.branch_name,
  CASE WHEN known.codes = 1 THEN known.branch_code END AS branch_code,
  known.codes,
  CAST(by_name.loans AS BIGINT) AS loans
FROM by_name
JOIN known ON known.institution_id = by_name.institution_id AND known.branch_name = by_name.branch_name
LEFT JOIN code ON code.institution_id = by_name.institution_id AND code.branch_code = by_name.branch_name
WHERE code.branch_code IS NULL
