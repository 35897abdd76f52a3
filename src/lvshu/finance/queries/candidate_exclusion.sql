-- Why loans of each client are not on the candidate list: one row for each client, branch and reason.
-- Together with candidate_branch it holds every loan of the ledger exactly once under each method.
-- Source: loan_scope (the first reason that applies); gathering by credit code, projects apart (bank guide 2026).
-- step: gathered
SELECT
  scope.method,
  scope.institution_id,
  coalesce(subject.uscc, 'none') AS uscc,
  CASE WHEN scope.subject_kind = 'project' THEN coalesce(scope.subject_id, 'none') ELSE 'none' END AS project_id,
  coalesce(scope.branch_code, 'none') AS branch_code,
  scope.reason,
  scope.scope_status,
  scope.exposure,
  scope.outstanding_amount
FROM loan_scope AS scope
JOIN loan_subject AS subject ON subject.loan_id = scope.loan_id
WHERE scope.scope_status <> 'in'
-- step: result
SELECT
  method,
  institution_id,
  uscc,
  project_id,
  branch_code,
  reason,
  scope_status,
  count(*) AS loans,
  sum(exposure) AS exposure,
  sum(outstanding_amount) AS outstanding_amount
FROM gathered
GROUP BY method, institution_id, uscc, project_id, branch_code, reason, scope_status
