-- Every code and name that is to be identified: borrowers, their parents, issuers of positions, holdings of funds.
-- Loans of natural persons are told apart and never matched by name.
-- step: borrowed
SELECT
  loan.uscc AS code,
  loan.borrower_name AS name,
  CASE
    WHEN loan.borrower_type IS NOT NULL THEN CASE WHEN loan.borrower_type = 'individual' THEN 1 ELSE 0 END
    WHEN loan.uscc IS NULL AND loan.asset_class IN ('mortgage', 'motor_vehicle') THEN 1
    ELSE 0
  END AS person,
  1 AS loans,
  balance.year_end_balance AS outstanding_amount
FROM loan
LEFT JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
-- step: every
SELECT code, name, person, loans, outstanding_amount FROM borrowed
UNION ALL
SELECT
  party_code AS code, party_name AS name, 0 AS person, 0 AS loans, CAST(NULL AS DECIMAL(20,2)) AS outstanding_amount
FROM loan_party
UNION ALL
SELECT
  company_code AS code, company_name AS name, 0 AS person, 0 AS loans, CAST(NULL AS DECIMAL(20,2)) AS outstanding_amount
FROM "position" WHERE instrument <> 'fund' OR fund_id IS NULL
UNION ALL
SELECT
  company_code AS code, company_name AS name, 0 AS person, 0 AS loans, CAST(NULL AS DECIMAL(20,2)) AS outstanding_amount
FROM fund_holding
-- step: gathered
SELECT
  code,
  name,
  min(person) AS person,
  sum(loans) AS loans,
  sum(outstanding_amount) AS outstanding_amount
FROM every
GROUP BY code, name
-- step: result
SELECT
  coalesce(gathered.code, '') || '|' || coalesce(gathered.name, '') AS subject_key,
  gathered.code,
  gathered.name,
  company_code.entity_id,
  gathered.person = 1 AS natural_person,
  gathered.loans,
  CAST(coalesce(gathered.outstanding_amount, 0) AS DECIMAL(20,2)) AS outstanding_amount
FROM gathered
LEFT JOIN company_code ON company_code.code = gathered.code
