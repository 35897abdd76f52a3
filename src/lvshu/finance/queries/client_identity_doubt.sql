-- Borrowers of the ledger whose identity is in doubt: one name with several credit codes, or one code with several
-- names. Names are those of the register where it knows the code, else those of the ledger. Told, never merged.
-- Source: loan, enterprise.
-- step: named
SELECT
  loan.uscc,
  coalesce(enterprise.name, loan.borrower_name) AS known_name,
  loan.borrower_name
FROM loan
LEFT JOIN enterprise ON enterprise.uscc = loan.uscc
WHERE loan.uscc IS NOT NULL
-- step: by_name
SELECT known_name, min(uscc) AS first_value, max(uscc) AS last_value, count(DISTINCT uscc) AS different_values,
  count(*) AS loans
FROM named
WHERE known_name IS NOT NULL
GROUP BY known_name
-- step: by_code
SELECT uscc, min(borrower_name) AS first_value, max(borrower_name) AS last_value,
  count(DISTINCT borrower_name) AS different_values, count(*) AS loans
FROM named
WHERE borrower_name IS NOT NULL
GROUP BY uscc
-- step: result
SELECT 'one_name_several_codes' AS kind, known_name AS subject, first_value, last_value, different_values, loans
FROM by_name
WHERE different_values > 1
UNION ALL
SELECT 'one_code_several_names' AS kind, uscc AS subject, first_value, last_value, different_values, loans
FROM by_code
WHERE different_values > 1
