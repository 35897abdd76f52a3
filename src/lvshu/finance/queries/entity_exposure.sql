-- What each institution has with each entity: loans, long and short positions, never netted. What has no matched
-- entity stands in rows of its own, as in group_exposure: natural_person, review (a likely one waits), unknown.
-- step: every
SELECT
  loan.institution_id,
  CASE WHEN loan_match.status = 'matched' THEN loan_match.entity_id ELSE loan_match.status END AS entity_id,
  CASE WHEN loan_match.status = 'matched' THEN loan_match.ultimate_parent_id ELSE loan_match.status END
    AS ultimate_parent_id,
  coalesce(loan_match.outstanding_amount, CAST(0 AS DECIMAL(20,2))) AS loan_amount,
  CAST(0 AS DECIMAL(20,2)) AS long_amount,
  CAST(0 AS DECIMAL(20,2)) AS short_amount
FROM loan_match
JOIN loan ON loan.loan_id = loan_match.loan_id
UNION ALL
SELECT
  look_through.institution_id,
  CASE WHEN look_through.status = 'matched' THEN look_through.entity_id ELSE look_through.status END AS entity_id,
  CASE
    WHEN look_through.status = 'matched' THEN coalesce(group_top.ultimate_parent_id, look_through.entity_id)
    ELSE look_through.status
  END AS ultimate_parent_id,
  CAST(0 AS DECIMAL(20,2)) AS loan_amount,
  CASE WHEN look_through.amount_cny >= 0 THEN look_through.amount_cny ELSE CAST(0 AS DECIMAL(20,2)) END AS long_amount,
  CASE WHEN look_through.amount_cny < 0 THEN look_through.amount_cny ELSE CAST(0 AS DECIMAL(20,2)) END AS short_amount
FROM look_through
LEFT JOIN group_top ON group_top.entity_id = look_through.entity_id
-- step: result
SELECT
  institution_id,
  entity_id,
  min(ultimate_parent_id) AS ultimate_parent_id,
  CAST(sum(loan_amount) AS DECIMAL(20,2)) AS loan_amount,
  CAST(sum(long_amount) AS DECIMAL(20,2)) AS long_amount,
  CAST(sum(short_amount) AS DECIMAL(20,2)) AS short_amount,
  CAST(sum(loan_amount + long_amount + short_amount) AS DECIMAL(20,2)) AS net_amount
FROM every
GROUP BY institution_id, entity_id
