-- What the emission of each enterprise is divided by, under each accounting method, from its statement of the year:
-- revenue, average total assets, and EVIC of listed companies, else equity + debt (negative equity as none), else total
-- assets. A statement that the loan ledger contradicts is marked; who may not use it leaves it out.
-- Source: bank guide 2026, trial guide 2021, PCAF (2022) chapter 5.
-- step: doubted
SELECT DISTINCT subject_kind, subject_id
FROM contradicted_statement
WHERE treatment = 'set_aside'
-- step: stated
SELECT
  uscc,
  CASE WHEN total_equity > 0 THEN total_equity ELSE CAST(0 AS DECIMAL(20,2)) END AS equity,
  CASE WHEN main_business_revenue > 0 THEN main_business_revenue END AS main_business_revenue,
  CASE
    WHEN total_assets_begin IS NOT NULL AND total_assets_end IS NOT NULL
      THEN CAST((total_assets_begin + total_assets_end) * CAST(0.5 AS DECIMAL(2,1)) AS DECIMAL(24,3))
    ELSE coalesce(total_assets_end, total_assets_begin)
  END AS average_total_assets,
  CASE
    WHEN total_assets_begin IS NOT NULL AND total_assets_end IS NOT NULL THEN 'average_total_assets'
    WHEN total_assets_end IS NOT NULL THEN 'total_assets_end_only'
    ELSE 'total_assets_begin_only'
  END AS assets_basis,
  CASE
    WHEN enterprise_value_including_cash > 0 THEN enterprise_value_including_cash
    WHEN total_equity IS NOT NULL AND total_debt IS NOT NULL
      THEN CASE WHEN total_equity > 0 THEN total_equity ELSE CAST(0 AS DECIMAL(20,2)) END + total_debt
    ELSE total_assets_end
  END AS value_or_capital,
  CASE
    WHEN enterprise_value_including_cash > 0 THEN 'evic'
    WHEN total_equity IS NOT NULL AND total_debt IS NOT NULL THEN 'equity_plus_debt'
    ELSE 'total_assets_end'
  END AS capital_basis
FROM enterprise_finance
WHERE year = :year
-- step: result
SELECT
  stated.uscc,
  stated.main_business_revenue,
  CAST(stated.average_total_assets AS DECIMAL(24,6)) AS average_total_assets,
  stated.assets_basis,
  stated.equity,
  stated.value_or_capital,
  stated.capital_basis,
  doubt.subject_id IS NOT NULL AS set_aside
FROM stated
LEFT JOIN doubted AS doubt
  ON doubt.subject_kind = 'entity' AND doubt.subject_id = stated.uscc
