-- How much of the loan book each accounting method covers, leaves out (and why), or does not know.
-- Source: loan_scope.
SELECT
  method,
  institution_id,
  coalesce(branch_code, 'none') AS branch_code,
  scope_status,
  reason,
  count(*) AS loans,
  sum(outstanding_amount) AS outstanding_amount,
  sum(exposure) AS exposure,
  CASE WHEN scope_status = 'unknown' THEN sum(outstanding_amount) ELSE CAST(0 AS DECIMAL(20,2)) END AS unknown_amount
FROM loan_scope
GROUP BY method, institution_id, coalesce(branch_code, 'none'), scope_status, reason
