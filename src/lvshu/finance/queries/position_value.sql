-- Positions in CNY at the rate of their month-end, the sign kept. Without a rate the amount is missing, never at 1.
-- step: rate
SELECT currency, month, ratio(cny_amount, coalesce(per_units, 1)) AS cny_per_unit FROM exchange_rate
-- step: result
SELECT
  "position".position_id,
  "position".institution_id,
  "position".instrument,
  coalesce("position".currency, 'CNY') AS currency,
  "position".month,
  "position".amount,
  CASE
    WHEN coalesce("position".currency, 'CNY') = 'CNY' THEN as_money("position".amount)
    ELSE as_money("position".amount * rate.cny_per_unit)
  END AS amount_cny,
  CASE WHEN "position".amount < 0 THEN 'short' ELSE 'long' END AS side,
  CASE
    WHEN coalesce("position".currency, 'CNY') = 'CNY' THEN 'cny'
    WHEN rate.cny_per_unit IS NULL THEN 'missing'
    ELSE 'rate'
  END AS rate_status
FROM "position"
LEFT JOIN rate ON rate.currency = "position".currency AND rate.month = "position".month
