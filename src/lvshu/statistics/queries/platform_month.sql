-- Platform transactions (form U201) of each platform and month of the year, by the five ways a return states them.
-- The amount is that after editing; lowest and highest are of the figures as filed and edited. What a person decided
-- is settled, and what was not filed has no filed figure: there the edited one stands for both.
-- Source: 互联网经济统计报表制度 (2024), form U201.
-- step: stated
SELECT
  platform_uscc,
  month,
  CASE
    WHEN region_code = 'total' AND category_code = 'total' AND trade_kind = 'total' THEN 'total'
    WHEN region_code <> 'total' AND category_code = 'total' AND trade_kind = 'total' THEN 'regions'
    WHEN region_code = 'total' AND category_code <> 'total' AND trade_kind = 'total' THEN 'categories'
    WHEN region_code = 'total' AND category_code = 'total' AND trade_kind <> 'total' THEN 'trade_kinds'
    WHEN region_code <> 'total' AND category_code <> 'total' AND trade_kind = 'total' THEN 'cross'
    ELSE 'other'
  END AS basis,
  amount,
  CASE WHEN method = 'decided' THEN amount ELSE coalesce(filed_amount, amount) END AS filed_amount
FROM platform_return_edited
WHERE form = 'U201' AND item_code = 'transactions' AND substr(month, 1, 4) = :year
-- step: summed
SELECT
  platform_uscc,
  month,
  sum(CASE WHEN basis = 'total' THEN amount END) AS by_total,
  sum(CASE WHEN basis = 'total' THEN filed_amount END) AS filed_total,
  sum(CASE WHEN basis = 'regions' THEN amount END) AS by_regions,
  sum(CASE WHEN basis = 'regions' THEN filed_amount END) AS filed_regions,
  sum(CASE WHEN basis = 'categories' THEN amount END) AS by_categories,
  sum(CASE WHEN basis = 'categories' THEN filed_amount END) AS filed_categories,
  sum(CASE WHEN basis = 'trade_kinds' THEN amount END) AS by_trade_kinds,
  sum(CASE WHEN basis = 'trade_kinds' THEN filed_amount END) AS filed_trade_kinds,
  sum(CASE WHEN basis = 'cross' THEN amount END) AS by_cross,
  sum(CASE WHEN basis = 'cross' THEN filed_amount END) AS filed_cross
FROM stated
GROUP BY platform_uscc, month
-- step: chosen
SELECT
  platform_uscc,
  month,
  coalesce(by_total, by_regions, by_categories, by_trade_kinds, by_cross) AS amount,
  CASE
    WHEN by_total IS NOT NULL THEN 'total'
    WHEN by_regions IS NOT NULL THEN 'regions'
    WHEN by_categories IS NOT NULL THEN 'categories'
    WHEN by_trade_kinds IS NOT NULL THEN 'trade_kinds'
    ELSE 'cross'
  END AS basis,
  filed_total,
  filed_regions,
  filed_categories,
  filed_trade_kinds,
  filed_cross
FROM summed
-- step: result
SELECT
  platform_uscc,
  month,
  amount,
  basis,
  least(
    amount, coalesce(filed_total, amount), coalesce(filed_regions, amount), coalesce(filed_categories, amount),
    coalesce(filed_trade_kinds, amount), coalesce(filed_cross, amount)
  ) AS lowest,
  greatest(
    amount, coalesce(filed_total, amount), coalesce(filed_regions, amount), coalesce(filed_categories, amount),
    coalesce(filed_trade_kinds, amount), coalesce(filed_cross, amount)
  ) AS highest
FROM chosen
WHERE amount IS NOT NULL
