-- Where each borrower of an industry of the transition catalogue stands: its latest value of each indicator up to
-- the reporting year, converted to the catalogue's unit where the dimension is the same (transition_unit), against the
-- entry and the advanced value. Values that the pack does not hold are not replaced.
-- Source: pack shanghai_transition_catalogue (placeholder until the official values are loaded).
-- step: borrower
SELECT enterprise.uscc, substr(enterprise.industry_code, 1, 2) AS industry,
  sum(balance.year_end_balance) AS outstanding_amount
FROM loan
JOIN enterprise ON enterprise.uscc = loan.uscc
LEFT JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
GROUP BY enterprise.uscc, substr(enterprise.industry_code, 1, 2)
-- step: latest
SELECT uscc, indicator, max(year) AS year
FROM transition_record
WHERE year <= :year
GROUP BY uscc, indicator
-- step: placed
SELECT
  borrower.uscc,
  listed.industry,
  listed.indicator,
  coalesce(record.year, :year) AS year,
  CASE
    WHEN record.unit <> listed.unit AND size.multiplier IS NOT NULL
      THEN CAST(record.indicator_value * size.multiplier AS DECIMAL(24,6))
    ELSE record.indicator_value
  END AS indicator_value,
  CASE WHEN size.multiplier IS NULL THEN record.unit ELSE listed.unit END AS unit,
  listed.unit AS listed_unit,
  listed.better,
  CAST(listed.entry_value AS DECIMAL(24, 6)) AS entry_value,
  CAST(listed.advanced_value AS DECIMAL(24, 6)) AS advanced_value,
  borrower.outstanding_amount
FROM borrower
JOIN pack_shanghai_transition_catalogue AS listed ON listed.industry = borrower.industry
LEFT JOIN latest ON latest.uscc = borrower.uscc AND latest.indicator = listed.indicator
LEFT JOIN transition_record AS record
  ON record.uscc = latest.uscc AND record.indicator = latest.indicator AND record.year = latest.year
LEFT JOIN transition_unit AS size
  ON size.indicator = record.indicator AND size.unit = record.unit AND size.wanted_unit = listed.unit
-- step: result
SELECT
  uscc,
  industry,
  indicator,
  year,
  indicator_value,
  coalesce(unit, listed_unit) AS unit,
  entry_value,
  advanced_value,
  CASE
    WHEN entry_value IS NULL AND advanced_value IS NULL THEN 'value_not_loaded'
    WHEN indicator_value IS NULL THEN 'no_value'
    WHEN unit <> listed_unit OR listed_unit IS NULL THEN 'unit_differs'
    WHEN better = 'higher' AND indicator_value >= advanced_value THEN 'advanced'
    WHEN better = 'higher' AND indicator_value >= entry_value THEN 'entry_met'
    WHEN better = 'lower' AND indicator_value <= advanced_value THEN 'advanced'
    WHEN better = 'lower' AND indicator_value <= entry_value THEN 'entry_met'
    WHEN better IS NULL OR entry_value IS NULL THEN 'value_not_loaded'
    ELSE 'below_entry'
  END AS standing,
  outstanding_amount
FROM placed
