-- The pricing calendar of sustainability-linked loans: for each test year the target, the value reached and what the
-- rate does on the day it is priced. Years after the reporting year, and years without a value, are pending.
-- Source: the terms of each loan; the borrower's record.
-- step: compared
SELECT
  term.loan_id,
  term.uscc,
  term.indicator,
  term.test_year,
  term.priced_on,
  term.target_value,
  record.indicator_value AS actual_value,
  term.unit,
  CASE
    WHEN record.indicator_value IS NULL THEN 'pending'
    WHEN record.unit <> term.unit THEN 'unit_differs'
    WHEN term.better = 'lower' AND record.indicator_value <= term.target_value THEN 'met'
    WHEN term.better = 'higher' AND record.indicator_value >= term.target_value THEN 'met'
    ELSE 'missed'
  END AS result,
  term.margin_if_met,
  term.margin_if_missed
FROM transition_pricing_term AS term
LEFT JOIN transition_record AS record
  ON record.uscc = term.uscc AND record.indicator = term.indicator AND record.year = term.test_year
  AND record.year <= :year
-- step: result
SELECT
  loan_id,
  uscc,
  indicator,
  test_year,
  priced_on,
  target_value,
  actual_value,
  unit,
  result,
  CASE WHEN result = 'met' THEN margin_if_met WHEN result = 'missed' THEN margin_if_missed END AS margin_change
FROM compared
