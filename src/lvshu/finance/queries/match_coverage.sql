-- Loans and balances by status, means, level and reason of their match; together all loans of the ledger.
SELECT
  status,
  matched_by,
  level,
  reason,
  count(*) AS loans,
  CAST(coalesce(sum(outstanding_amount), 0) AS DECIMAL(20,2)) AS outstanding_amount
FROM loan_match
GROUP BY status, matched_by, level, reason
