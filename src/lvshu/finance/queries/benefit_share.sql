-- The loans' share of each project's benefit, by institution: benefit x balance at year-end / total investment.
-- Where the balances of all institutions together exceed the investment nothing is attributed: the investment or a
-- balance is wrong, and shares would add up to more than the benefit.
-- Source: guide on measuring energy saving and emission reduction of green-credit projects (June 2013), part 1.
-- step: owed
SELECT
  loan.project_id,
  loan.institution_id,
  sum(balance.year_end_balance) AS outstanding_amount
FROM loan
JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
WHERE loan.project_id IS NOT NULL AND balance.year_end_balance IS NOT NULL AND loan.asset_class <> 'listed_equity_bond'
GROUP BY loan.project_id, loan.institution_id
-- step: owed_in_all
SELECT project_id, sum(outstanding_amount) AS outstanding_of_all FROM owed GROUP BY project_id
-- step: placed
SELECT
  benefit.project_id,
  owed.institution_id,
  benefit.year,
  benefit.stage,
  benefit.indicator,
  CAST(owed.outstanding_amount AS DECIMAL(20,2)) AS outstanding_amount,
  project.total_investment,
  ratio(owed.outstanding_amount, project.total_investment) AS share,
  ratio(owed_in_all.outstanding_of_all, project.total_investment) AS share_of_all,
  benefit.quantity AS project_quantity,
  benefit.unit,
  CASE
    WHEN benefit.quantity IS NULL THEN 'no_benefit'
    WHEN project.total_investment IS NULL OR project.total_investment = 0 THEN 'no_investment'
    WHEN owed_in_all.outstanding_of_all > project.total_investment THEN 'over_investment'
    ELSE 'attributed'
  END AS status
FROM project_benefit AS benefit
JOIN owed ON owed.project_id = benefit.project_id
JOIN owed_in_all ON owed_in_all.project_id = benefit.project_id
LEFT JOIN project ON project.project_id = benefit.project_id
WHERE benefit.year = :year
-- step: result
SELECT
  project_id,
  institution_id,
  year,
  stage,
  indicator,
  outstanding_amount,
  total_investment,
  share,
  share_of_all,
  project_quantity,
  CASE WHEN status = 'attributed' THEN as_quantity(CAST(project_quantity AS DOUBLE) * share) END AS quantity,
  unit,
  status
FROM placed
