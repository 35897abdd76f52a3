-- The candidate list against the loan ledger, by branch: loans and year-end balances of the ledger are those in
-- scope, out of scope and unknown; the difference must be zero.
-- Source: loan, loan_average_balance, candidate_branch, candidate_exclusion.
-- step: method_list
SELECT DISTINCT method FROM loan_scope
-- step: ledger
SELECT
  loan.institution_id,
  coalesce(named.branch_code, loan.branch_code, loan.branch_name, 'none') AS branch_code,
  count(*) AS loans,
  sum(balance.year_end_balance) AS outstanding_amount
FROM loan
LEFT JOIN branch_code_of_name AS named
  ON named.institution_id = loan.institution_id AND named.branch_name = coalesce(loan.branch_code, loan.branch_name)
LEFT JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
GROUP BY loan.institution_id, coalesce(named.branch_code, loan.branch_code, loan.branch_name, 'none')
-- step: listed
SELECT method, institution_id, branch_code, sum(loans) AS loans, sum(outstanding_amount) AS outstanding_amount
FROM candidate_branch
GROUP BY method, institution_id, branch_code
-- step: left_out
SELECT
  method,
  institution_id,
  branch_code,
  sum(CASE WHEN scope_status = 'out' THEN loans ELSE 0 END) AS loans_out,
  sum(CASE WHEN scope_status = 'unknown' THEN loans ELSE 0 END) AS loans_unknown,
  sum(CASE WHEN scope_status = 'out' THEN outstanding_amount END) AS outstanding_out,
  sum(CASE WHEN scope_status = 'unknown' THEN outstanding_amount END) AS outstanding_unknown
FROM candidate_exclusion
GROUP BY method, institution_id, branch_code
-- step: result
SELECT
  method_list.method,
  ledger.institution_id,
  ledger.branch_code,
  ledger.loans AS loans_in_book,
  coalesce(listed.loans, 0) AS loans_in,
  coalesce(left_out.loans_out, 0) AS loans_out,
  coalesce(left_out.loans_unknown, 0) AS loans_unknown,
  ledger.loans - coalesce(listed.loans, 0) - coalesce(left_out.loans_out, 0)
    - coalesce(left_out.loans_unknown, 0) AS loans_difference,
  ledger.outstanding_amount AS outstanding_in_book,
  listed.outstanding_amount AS outstanding_in,
  left_out.outstanding_out,
  left_out.outstanding_unknown,
  coalesce(ledger.outstanding_amount, 0) - coalesce(listed.outstanding_amount, 0)
    - coalesce(left_out.outstanding_out, 0) - coalesce(left_out.outstanding_unknown, 0) AS outstanding_difference
FROM ledger
CROSS JOIN method_list
LEFT JOIN listed
  ON listed.method = method_list.method AND listed.institution_id = ledger.institution_id
  AND listed.branch_code = ledger.branch_code
LEFT JOIN left_out
  ON left_out.method = method_list.method AND left_out.institution_id = ledger.institution_id
  AND left_out.branch_code = ledger.branch_code
