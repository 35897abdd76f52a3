-- Statements of borrowers and projects that the loan ledger contradicts: a loan is part of the borrower's
-- liabilities, so what a customer owes ONE institution cannot exceed its own total assets; nor can what a project
-- owes one exceed its total investment. Compared at like times: the mean of the twelve month-ends with average
-- total assets (the one end that is known, where the other is missing); the year-end balance with total assets at
-- year-end (equity plus debt where no total of assets is known). All loans of the customer count, whatever the
-- accounting method covers; holdings of shares and bonds (listed_equity_bond) are no loans and do not.
-- over_12_months is used whatever the setting: over_tenure can add up to more than was ever owed at one time.
-- One row per borrower or project and institution, with the comparison of the greatest excess: what one institution lends
-- says nothing to another, whose loans keep the statement.
-- treatment: set_aside, or confirmed where the record says that the figures are right.
-- Source: balance-sheet identity (assets = liabilities + equity, with equity not negative); no threshold.
-- step: ledger
SELECT
  subject.institution_id,
  subject.uscc,
  subject.subject_kind,
  subject.subject_id,
  balance.over_12_months,
  balance.year_end_balance
FROM loan_subject AS subject
JOIN loan_average_balance AS balance ON balance.loan_id = subject.loan_id
WHERE subject.asset_class <> 'listed_equity_bond' AND balance.balance_status <> 'after_year'
-- step: owed
SELECT
  'entity' AS subject_kind,
  uscc AS subject_id,
  institution_id,
  CAST(sum(over_12_months) AS DECIMAL(24,6)) AS average_balance,
  CAST(sum(year_end_balance) AS DECIMAL(24,6)) AS year_end_balance
FROM ledger
WHERE uscc IS NOT NULL
GROUP BY uscc, institution_id
UNION ALL
SELECT
  'project' AS subject_kind,
  subject_id,
  institution_id,
  CAST(sum(over_12_months) AS DECIMAL(24,6)) AS average_balance,
  CAST(sum(year_end_balance) AS DECIMAL(24,6)) AS year_end_balance
FROM ledger
WHERE subject_kind = 'project'
GROUP BY subject_id, institution_id
-- step: statement
SELECT
  'entity' AS subject_kind,
  uscc AS subject_id,
  coalesce(confirmed, false) AS confirmed,
  CASE
    WHEN total_assets_begin IS NOT NULL AND total_assets_end IS NOT NULL
      THEN CAST((total_assets_begin + total_assets_end) * CAST(0.5 AS DECIMAL(2,1)) AS DECIMAL(24,6))
    ELSE CAST(coalesce(total_assets_end, total_assets_begin) AS DECIMAL(24,6))
  END AS average_total,
  CASE
    WHEN total_assets_begin IS NOT NULL AND total_assets_end IS NOT NULL THEN 'average_total_assets'
    WHEN total_assets_end IS NOT NULL THEN 'total_assets_end_only'
    ELSE 'total_assets_begin_only'
  END AS average_basis,
  CASE
    WHEN total_assets_end IS NOT NULL THEN CAST(total_assets_end AS DECIMAL(24,6))
    WHEN total_assets_begin IS NULL AND total_equity IS NOT NULL AND total_debt IS NOT NULL
      THEN CAST(CASE WHEN total_equity > 0 THEN total_equity ELSE CAST(0 AS DECIMAL(20,2)) END + total_debt
        AS DECIMAL(24,6))
  END AS year_end_total,
  CASE WHEN total_assets_end IS NOT NULL THEN 'total_assets_end' ELSE 'equity_plus_debt' END AS year_end_basis
FROM enterprise_finance
WHERE year = :year
UNION ALL
SELECT
  'project' AS subject_kind,
  project_id AS subject_id,
  coalesce(confirmed, false) AS confirmed,
  CAST(total_investment AS DECIMAL(24,6)) AS average_total,
  'total_investment' AS average_basis,
  CAST(total_investment AS DECIMAL(24,6)) AS year_end_total,
  'total_investment' AS year_end_basis
FROM project
-- step: compared
SELECT
  owed.subject_kind,
  owed.subject_id,
  owed.institution_id,
  statement.confirmed,
  'monthly_average' AS comparison,
  owed.average_balance AS balance,
  statement.average_total AS total,
  statement.average_basis AS total_basis
FROM owed
JOIN statement ON statement.subject_kind = owed.subject_kind AND statement.subject_id = owed.subject_id
WHERE owed.average_balance > statement.average_total
UNION ALL
SELECT
  owed.subject_kind,
  owed.subject_id,
  owed.institution_id,
  statement.confirmed,
  'year_end' AS comparison,
  owed.year_end_balance AS balance,
  statement.year_end_total AS total,
  statement.year_end_basis AS total_basis
FROM owed
JOIN statement ON statement.subject_kind = owed.subject_kind AND statement.subject_id = owed.subject_id
WHERE owed.year_end_balance > statement.year_end_total
-- step: measured
SELECT
  subject_kind,
  subject_id,
  institution_id,
  confirmed,
  comparison,
  balance,
  total,
  total_basis,
  ratio(balance, total) AS times
FROM compared
-- step: ranked
SELECT
  subject_kind,
  subject_id,
  institution_id,
  confirmed,
  comparison,
  balance,
  total,
  total_basis,
  times,
  row_number() OVER (
    PARTITION BY subject_kind, subject_id, institution_id
    ORDER BY CASE WHEN times IS NULL THEN 0 ELSE 1 END, times DESC, comparison
  ) AS place
FROM measured
-- step: spread
SELECT subject_kind, subject_id, count(DISTINCT institution_id) AS institutions
FROM measured
GROUP BY subject_kind, subject_id
-- step: result
SELECT
  ranked.subject_kind,
  ranked.subject_id,
  ranked.institution_id,
  spread.institutions,
  ranked.comparison,
  ranked.balance,
  ranked.total,
  ranked.total_basis,
  ranked.times,
  CASE WHEN ranked.confirmed THEN 'confirmed' ELSE 'set_aside' END AS treatment
FROM ranked
JOIN spread ON spread.subject_kind = ranked.subject_kind AND spread.subject_id = ranked.subject_id
WHERE ranked.place = 1
