-- Month-end balances given in another currency, in CNY at the rate of their month-end. Without a rate the balance is
-- missing, never at 1. Balances in CNY are not in this table.
-- Source: exchange_rate, given by the user.
-- step: rate
SELECT currency, month, ratio(cny_amount, coalesce(per_units, 1)) AS cny_per_unit FROM exchange_rate
-- step: result
SELECT
  balance.loan_id,
  balance.month,
  balance.currency,
  balance.outstanding_amount AS amount,
  as_money(CAST(balance.outstanding_amount AS DOUBLE) * rate.cny_per_unit) AS amount_cny,
  CASE WHEN rate.cny_per_unit IS NULL THEN 'missing' ELSE 'rate' END AS rate_status
FROM loan_balance AS balance
LEFT JOIN rate ON rate.currency = balance.currency AND rate.month = balance.month
WHERE balance.currency IS NOT NULL AND balance.currency <> 'CNY'
