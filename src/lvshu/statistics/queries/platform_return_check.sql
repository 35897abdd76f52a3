-- Returns that break a rule of the pack platform_rules: a form above U201, or parts that do not add up to their
-- total. A sum may be off by the last place of the amounts (0.01 yuan for each part); nothing more is forgiven.
-- A rule is tested where both of its sides are stated.
-- Source: pack platform_rules (互联网经济统计报表制度, 2024).
-- step: part
SELECT
  platform_uscc,
  month,
  form,
  CASE
    WHEN region_code = 'total' AND category_code = 'total' AND trade_kind = 'total' THEN 'total'
    WHEN region_code <> 'total' AND category_code = 'total' AND trade_kind = 'total' THEN 'regions_sum_to_total'
    WHEN region_code = 'total' AND category_code <> 'total' AND trade_kind = 'total' THEN 'categories_sum_to_total'
    WHEN region_code = 'total' AND category_code = 'total' AND trade_kind <> 'total'
      THEN 'own_and_third_party_sum_to_total'
    ELSE 'cross'
  END AS part,
  amount
FROM platform_return
WHERE substr(month, 1, 4) = :year
  AND (
    (form <> 'U202' AND item_code = 'transactions')
    OR (form = 'U202' AND item_code IN ('ride_hailing', 'vehicle_rental', 'designated_driving'))
  )
-- step: summed
SELECT platform_uscc, month, form, part, sum(amount) AS amount, count(*) AS parts
FROM part
GROUP BY platform_uscc, month, form, part
-- step: compared
SELECT
  parts.platform_uscc,
  parts.month,
  rule.form,
  rule.rule,
  rule.severity,
  rule.test,
  parts.amount AS left_amount,
  whole.amount AS right_amount,
  parts.amount - whole.amount AS difference,
  CAST(parts.parts AS DECIMAL(18,0)) * CAST(0.01 AS DECIMAL(3,2)) AS rounding
FROM pack_platform_rules AS rule
JOIN summed AS parts
  ON parts.form = rule.form
  AND parts.part = CASE WHEN rule.test = 'total_not_above' THEN 'total' ELSE rule.test END
JOIN summed AS whole
  ON whole.form = rule.against AND whole.part = 'total'
  AND whole.platform_uscc = parts.platform_uscc AND whole.month = parts.month
-- step: result
SELECT platform_uscc, month, form, rule, severity, left_amount, right_amount, difference
FROM compared
WHERE (test = 'total_not_above' AND difference > 0)
  OR (test <> 'total_not_above' AND abs(difference) > rounding)
