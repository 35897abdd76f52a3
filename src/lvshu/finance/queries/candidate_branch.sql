-- Loans in scope of each client at each branch. A client is an enterprise by its credit code; a project counted as
-- such is gathered apart. Source: loan_scope; gathering by credit code (bank guide 2026).
-- step: gathered
SELECT
  scope.method,
  scope.institution_id,
  coalesce(subject.uscc, 'none') AS uscc,
  CASE WHEN scope.subject_kind = 'project' THEN coalesce(scope.subject_id, 'none') ELSE 'none' END AS project_id,
  coalesce(scope.branch_code, 'none') AS branch_code,
  scope.sector_code,
  scope.industry_group,
  scope.exposure,
  scope.outstanding_amount
FROM loan_scope AS scope
JOIN loan_subject AS subject ON subject.loan_id = scope.loan_id
WHERE scope.scope_status = 'in'
-- step: result
SELECT
  method,
  institution_id,
  uscc,
  project_id,
  branch_code,
  min(sector_code) AS sector_code,
  min(industry_group) AS industry_group,
  count(*) AS loans,
  sum(exposure) AS exposure,
  sum(outstanding_amount) AS outstanding_amount
FROM gathered
GROUP BY method, institution_id, uscc, project_id, branch_code
