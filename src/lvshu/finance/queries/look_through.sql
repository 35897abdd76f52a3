-- Positions spread over companies. Fund units are spread by the weights of the fund's holdings; what the weights leave,
-- and funds without holdings or with weights above 100 %, is unknown. The parts of a position add up to it exactly: the
-- residual is what is left.
-- step: fund
SELECT fund_id, sum(weight_percent) AS weight FROM fund_holding GROUP BY fund_id
-- step: valued
SELECT
  value.position_id,
  value.institution_id,
  value.amount_cny,
  CASE
    WHEN given.instrument <> 'fund' OR given.fund_id IS NULL THEN 'direct'
    WHEN fund.fund_id IS NULL THEN 'none'
    WHEN fund.weight > 100 THEN 'overweight'
    ELSE 'fund'
  END AS kind,
  given.fund_id,
  coalesce(given.company_code, '') || '|' || coalesce(given.company_name, '') AS subject_key
FROM position_value AS value
JOIN "position" AS given ON given.position_id = value.position_id
LEFT JOIN fund ON fund.fund_id = given.fund_id
WHERE value.amount_cny IS NOT NULL
-- step: spread
SELECT
  valued.position_id,
  fund_holding.holding_id,
  valued.institution_id,
  coalesce(fund_holding.company_code, '') || '|' || coalesce(fund_holding.company_name, '') AS subject_key,
  as_money(ratio(valued.amount_cny * fund_holding.weight_percent, 100)) AS amount_cny
FROM valued
JOIN fund_holding ON fund_holding.fund_id = valued.fund_id
WHERE valued.kind = 'fund'
-- step: left_over
SELECT position_id, CAST(sum(amount_cny) AS DECIMAL(20,2)) AS amount_cny FROM spread GROUP BY position_id
-- step: parts
SELECT position_id, holding_id, institution_id, subject_key, amount_cny FROM spread
UNION ALL
SELECT
  valued.position_id, 'residual' AS holding_id, valued.institution_id, CAST(NULL AS VARCHAR) AS subject_key,
  CAST(valued.amount_cny - left_over.amount_cny AS DECIMAL(20,2)) AS amount_cny
FROM valued
JOIN left_over ON left_over.position_id = valued.position_id
WHERE valued.amount_cny <> left_over.amount_cny
UNION ALL
SELECT
  position_id, kind AS holding_id, institution_id,
  CASE WHEN kind = 'direct' THEN subject_key END AS subject_key, amount_cny
FROM valued
WHERE kind <> 'fund'
-- step: result
SELECT
  parts.position_id,
  parts.holding_id,
  parts.institution_id,
  parts.subject_key,
  CASE WHEN subject_match.status IN ('matched', 'review') THEN subject_match.status ELSE 'unknown' END AS status,
  CASE WHEN subject_match.status = 'matched' THEN subject_match.entity_id END AS entity_id,
  parts.amount_cny
FROM parts
LEFT JOIN subject_match ON subject_match.subject_key = parts.subject_key
