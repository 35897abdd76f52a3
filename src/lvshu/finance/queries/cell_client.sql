-- How many different clients stand behind each cell of the published tables, and the first and last of them, so that
-- the clients of joined cells can be counted exactly as long as there are fewer than three: a cell of one client with
-- many loans shows that client. A client is the borrower, for a loan of a project too; a loan whose borrower is not known
-- counts as a client of its own; of a security it is the issuer.
-- Source: loan_scope, loan_subject, asset_class_emission; frequency rule of statistical disclosure control.
-- step: held
SELECT
  scope.method,
  scope.institution_id,
  coalesce(scope.branch_code, 'none') AS branch_code,
  coalesce(scope.industry_group, 'none') AS industry_group,
  coalesce(subject.asset_class, 'not_stated') AS asset_class,
  coalesce(substr(scope.sector_code, 1, 2), other.gbt4754_division, 'none') AS gbt4754_division,
  scope.scope_status = 'in' AS accounted,
  coalesce(subject.uscc, scope.subject_id, scope.loan_id) AS client
FROM loan_scope AS scope
LEFT JOIN loan_subject AS subject ON subject.loan_id = scope.loan_id
LEFT JOIN asset_class_emission AS other
  ON scope.method = 'pcaf_2022' AND scope.sector_code IS NULL AND other.position_id = scope.loan_id
  AND other.asset_class = subject.asset_class
UNION ALL
SELECT
  'pcaf_2022' AS method,
  position.institution_id,
  coalesce(position.branch_code, 'none') AS branch_code,
  'none' AS industry_group,
  position.asset_class,
  coalesce(position.gbt4754_division, 'none') AS gbt4754_division,
  false AS accounted,
  coalesce(position.subject_id, position.position_id) AS client
FROM asset_class_emission AS position
LEFT JOIN loan_scope AS scope ON scope.loan_id = position.position_id AND scope.method = 'pcaf_2022'
WHERE scope.loan_id IS NULL AND position.institution_id IS NOT NULL
-- step: result
SELECT
  method,
  institution_id,
  branch_code,
  industry_group,
  asset_class,
  gbt4754_division,
  accounted,
  count(DISTINCT client) AS clients,
  min(client) AS first_client,
  max(client) AS last_client
FROM held
GROUP BY method, institution_id, branch_code, industry_group, asset_class, gbt4754_division, accounted
