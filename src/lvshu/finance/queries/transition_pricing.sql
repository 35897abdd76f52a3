-- The pricing calendar of sustainability-linked loans: for each test year the target, the value reached and what the
-- rate does on the day it is priced. Years after the reporting year, and years without a value, are pending.
-- Values in another unit of the same dimension are converted (transition_unit); of another dimension, there is no value.
-- Source: the terms of each loan; the borrower's record.
-- step: compared
SELECT
  term.loan_id,
  term.uscc,
  term.indicator,
  term.test_year,
  term.priced_on,
  term.target_value,
  record.unit AS record_unit,
  CASE
    WHEN record.unit = term.unit THEN record.indicator_value
    ELSE CAST(record.indicator_value * size.multiplier AS DECIMAL(24,6))
  END AS actual_value,
  term.unit,
  term.better,
  term.margin_if_met,
  term.margin_if_missed
FROM transition_pricing_term AS term
LEFT JOIN transition_record AS record
  ON record.uscc = term.uscc AND record.indicator = term.indicator AND record.year = term.test_year
  AND record.year <= :year
LEFT JOIN transition_unit AS size
  ON size.indicator = record.indicator AND size.unit = record.unit AND size.wanted_unit = term.unit
-- step: judged
SELECT
  loan_id,
  uscc,
  indicator,
  test_year,
  priced_on,
  target_value,
  actual_value,
  unit,
  CASE
    WHEN record_unit IS NULL THEN 'pending'
    WHEN actual_value IS NULL THEN 'unit_differs'
    WHEN better = 'lower' AND actual_value <= target_value THEN 'met'
    WHEN better = 'higher' AND actual_value >= target_value THEN 'met'
    ELSE 'missed'
  END AS result,
  margin_if_met,
  margin_if_missed
FROM compared
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
FROM judged
