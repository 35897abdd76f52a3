-- The candidate list: one row for each client in scope, with its lead branch (the one with the largest exposure;
-- ties: the first by code; lvshu's convention, as the guide leaves it open).
-- Source: candidate_branch, candidate_exclusion.
-- step: borrower
SELECT uscc, min(borrower_name) AS borrower_name FROM loan WHERE uscc IS NOT NULL GROUP BY uscc
-- step: ranked
SELECT
  method,
  institution_id,
  uscc,
  project_id,
  branch_code,
  row_number() OVER (
    PARTITION BY method, institution_id, uscc, project_id
    ORDER BY coalesce(exposure, 0) DESC, branch_code
  ) AS place
FROM candidate_branch
-- step: left_out
SELECT method, institution_id, uscc, project_id, sum(loans) AS loans
FROM candidate_exclusion
GROUP BY method, institution_id, uscc, project_id
-- step: gathered
SELECT
  method,
  institution_id,
  uscc,
  project_id,
  min(sector_code) AS sector_code,
  min(industry_group) AS industry_group,
  count(*) AS branches,
  sum(loans) AS loans,
  sum(exposure) AS exposure,
  sum(outstanding_amount) AS outstanding_amount
FROM candidate_branch
GROUP BY method, institution_id, uscc, project_id
-- step: result
SELECT
  gathered.method,
  gathered.institution_id,
  gathered.uscc,
  gathered.project_id,
  coalesce(enterprise.name, borrower.borrower_name) AS name,
  gathered.sector_code,
  gathered.industry_group,
  ranked.branch_code AS lead_branch_code,
  gathered.branches,
  gathered.loans,
  gathered.exposure,
  gathered.outstanding_amount,
  coalesce(left_out.loans, 0) AS loans_excluded
FROM gathered
JOIN ranked
  ON ranked.method = gathered.method AND ranked.institution_id = gathered.institution_id
  AND ranked.uscc = gathered.uscc AND ranked.project_id = gathered.project_id AND ranked.place = 1
LEFT JOIN left_out
  ON left_out.method = gathered.method AND left_out.institution_id = gathered.institution_id
  AND left_out.uscc = gathered.uscc AND left_out.project_id = gathered.project_id
LEFT JOIN enterprise ON enterprise.uscc = gathered.uscc
LEFT JOIN borrower ON borrower.uscc = gathered.uscc
