-- What each institution has with each group: loans, long and short positions of all entities under one ultimate parent,
-- and the group's share of the institution's gross exposure (loans and long positions; shorts are not netted).
-- What has no matched entity stands in rows of its own: natural_person, review (a likely one waits), unknown.
-- Source: loan_match, look_through, group_top; concentration as the share of the largest groups.
-- step: every
SELECT
  loan.institution_id,
  CASE WHEN loan_match.status = 'matched' THEN loan_match.ultimate_parent_id ELSE loan_match.status END
    AS ultimate_parent_id,
  CASE WHEN loan_match.status = 'matched' THEN loan_match.entity_id END AS entity_id,
  loan_match.loan_id,
  coalesce(loan_match.outstanding_amount, CAST(0 AS DECIMAL(20,2))) AS loan_amount,
  CAST(0 AS DECIMAL(20,2)) AS long_amount,
  CAST(0 AS DECIMAL(20,2)) AS short_amount
FROM loan_match
JOIN loan ON loan.loan_id = loan_match.loan_id
UNION ALL
SELECT
  look_through.institution_id,
  CASE
    WHEN look_through.status = 'matched' THEN coalesce(group_top.ultimate_parent_id, look_through.entity_id)
    ELSE look_through.status
  END AS ultimate_parent_id,
  look_through.entity_id,
  CAST(NULL AS VARCHAR) AS loan_id,
  CAST(0 AS DECIMAL(20,2)) AS loan_amount,
  CASE WHEN look_through.amount_cny >= 0 THEN look_through.amount_cny ELSE CAST(0 AS DECIMAL(20,2)) END AS long_amount,
  CASE WHEN look_through.amount_cny < 0 THEN look_through.amount_cny ELSE CAST(0 AS DECIMAL(20,2)) END AS short_amount
FROM look_through
LEFT JOIN group_top ON group_top.entity_id = look_through.entity_id
-- step: gathered
SELECT
  institution_id,
  ultimate_parent_id,
  count(DISTINCT entity_id) AS entities,
  count(loan_id) AS loans,
  CAST(sum(loan_amount) AS DECIMAL(20,2)) AS loan_amount,
  CAST(sum(long_amount) AS DECIMAL(20,2)) AS long_amount,
  CAST(sum(short_amount) AS DECIMAL(20,2)) AS short_amount,
  CAST(sum(loan_amount + long_amount) AS DECIMAL(20,2)) AS gross_amount
FROM every
GROUP BY institution_id, ultimate_parent_id
-- step: whole
SELECT institution_id, CAST(sum(gross_amount) AS DECIMAL(20,2)) AS gross_amount FROM gathered GROUP BY institution_id
-- step: named
SELECT entity_id, min(name) AS name FROM company_name WHERE kind <> 'alias' GROUP BY entity_id
-- step: result
SELECT
  gathered.institution_id,
  gathered.ultimate_parent_id,
  named.name,
  gathered.entities,
  gathered.loans,
  gathered.loan_amount,
  gathered.long_amount,
  gathered.short_amount,
  gathered.gross_amount,
  CASE WHEN whole.gross_amount > 0 THEN ratio(gathered.gross_amount, whole.gross_amount) END AS gross_share
FROM gathered
JOIN whole ON whole.institution_id = gathered.institution_id
LEFT JOIN named ON named.entity_id = gathered.ultimate_parent_id
