-- Planned against actual, year by year: the indicator of each transition plan and the spending on it, with the share
-- of spending done to date (over the years whose actual spending is known). Records in another unit of the same
-- dimension are converted (transition_unit); those of another dimension have no actual value.
-- Source: the enterprise's own plan and record; nothing is estimated.
-- step: paired
SELECT
  plan.plan_id,
  plan.uscc,
  plan.indicator,
  plan.year,
  plan.planned_value,
  CASE
    WHEN record.unit = plan.unit THEN record.indicator_value
    ELSE CAST(record.indicator_value * size.multiplier AS DECIMAL(24,6))
  END AS actual_value,
  plan.unit,
  plan.planned_spending,
  record.capital_spending AS actual_spending
FROM transition_plan AS plan
LEFT JOIN transition_record AS record
  ON record.uscc = plan.uscc AND record.indicator = plan.indicator AND record.year = plan.year
LEFT JOIN transition_unit AS size
  ON size.indicator = record.indicator AND size.unit = record.unit AND size.wanted_unit = plan.unit
-- step: summed
SELECT
  plan_id,
  indicator,
  year,
  sum(CASE WHEN actual_spending IS NOT NULL THEN planned_spending END) OVER (
    PARTITION BY plan_id, indicator ORDER BY year ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS planned_to_date,
  sum(CASE WHEN planned_spending IS NOT NULL THEN actual_spending END) OVER (
    PARTITION BY plan_id, indicator ORDER BY year ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS actual_to_date
FROM paired
-- step: result
SELECT
  paired.plan_id,
  paired.uscc,
  paired.indicator,
  paired.year,
  paired.planned_value,
  paired.actual_value,
  paired.unit,
  paired.planned_spending,
  paired.actual_spending,
  ratio(summed.actual_to_date, summed.planned_to_date) AS cumulative_spending_share
FROM paired
JOIN summed ON summed.plan_id = paired.plan_id AND summed.indicator = paired.indicator AND summed.year = paired.year
