-- Platform transactions of the area: as reported and edited, by month and dimension, and the totals imputed for missing months.
-- Where a platform states no total row, the sum of its parts stands in for it (see platform_month).
-- Source: 互联网经济统计报表制度 (2024), form U201.
-- step: result
SELECT
  month, region_code, category_code, trade_kind, 'reported' AS status,
  count(DISTINCT platform_uscc) AS platforms, CAST(sum(amount) AS DECIMAL(24,6)) AS amount
FROM platform_return_edited
WHERE form = 'U201' AND item_code = 'transactions' AND substr(month, 1, 4) = :year
  AND NOT (region_code = 'total' AND category_code = 'total' AND trade_kind = 'total')
GROUP BY month, region_code, category_code, trade_kind
UNION ALL
SELECT
  month, 'total' AS region_code, 'total' AS category_code, 'total' AS trade_kind, 'reported' AS status,
  count(DISTINCT platform_uscc) AS platforms, CAST(sum(amount) AS DECIMAL(24,6)) AS amount
FROM platform_month
GROUP BY month
UNION ALL
SELECT
  month, 'total' AS region_code, 'total' AS category_code, 'total' AS trade_kind, 'imputed' AS status,
  count(DISTINCT platform_uscc) AS platforms, CAST(sum(amount) AS DECIMAL(24,6)) AS amount
FROM platform_imputation
GROUP BY month
