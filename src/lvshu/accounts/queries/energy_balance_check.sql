-- Totals and differences that the energy balance states, against those added up from its own rows and columns.
-- Source: China Energy Statistical Yearbook, regional energy balance: 可供量+加工转换-损失-终端消费=平衡差额.
-- step: cell
SELECT item_code, fuel_code, quantity, unit
FROM energy_balance_cell
WHERE year = :year AND area_code = :area
-- step: section
SELECT c.fuel_code, c.unit, i.parent AS item_code, sum(c.quantity) AS computed
FROM cell AS c
JOIN pack_energy_balance_items AS i ON i.item_code = c.item_code
WHERE i.role IN ('supply', 'transformation', 'final')
GROUP BY c.fuel_code, c.unit, i.parent
-- step: section_total
SELECT
  'section_total' AS check_code, s.item_code, s.fuel_code, coalesce(c.quantity, 0) AS stated, s.computed, s.unit
FROM section AS s
LEFT JOIN cell AS c ON c.item_code = s.item_code AND c.fuel_code = s.fuel_code
-- step: household_part
SELECT fuel_code, unit, sum(quantity) AS computed
FROM cell
WHERE item_code IN ('households_urban', 'households_rural')
GROUP BY fuel_code, unit
-- step: households
SELECT
  'households' AS check_code, 'households' AS item_code, p.fuel_code, coalesce(c.quantity, 0) AS stated, p.computed,
  p.unit
FROM household_part AS p
LEFT JOIN cell AS c ON c.item_code = 'households' AND c.fuel_code = p.fuel_code
-- step: difference_part
SELECT
  fuel_code, unit,
  sum(CASE WHEN item_code = 'balance_difference' THEN quantity ELSE 0 END) AS stated,
  sum(
    CASE
      WHEN item_code IN ('available', 'transformation') THEN quantity
      WHEN item_code IN ('loss', 'final_consumption') THEN -quantity
      ELSE 0
    END
  ) AS computed
FROM cell
GROUP BY fuel_code, unit
-- step: statistical_difference
SELECT 'statistical_difference' AS check_code, 'balance_difference' AS item_code, fuel_code, stated, computed, unit
FROM difference_part
-- step: fuel_part
SELECT f.total_of AS fuel_code, c.item_code, c.unit, sum(c.quantity) AS computed
FROM cell AS c
JOIN pack_energy_fuels AS f ON f.fuel_code = c.fuel_code
WHERE f.total_of IS NOT NULL AND f.total_of <> ''
GROUP BY f.total_of, c.item_code, c.unit
-- step: fuel_total
SELECT
  'fuel_total' AS check_code, p.item_code, p.fuel_code, coalesce(c.quantity, 0) AS stated, p.computed, p.unit
FROM fuel_part AS p
LEFT JOIN cell AS c ON c.item_code = p.item_code AND c.fuel_code = p.fuel_code
WHERE p.item_code <> 'total_consumption' AND p.fuel_code IN (SELECT fuel_code FROM cell)
-- step: compared
SELECT check_code, item_code, fuel_code, stated, computed, unit FROM section_total
UNION ALL
SELECT check_code, item_code, fuel_code, stated, computed, unit FROM households
UNION ALL
SELECT check_code, item_code, fuel_code, stated, computed, unit FROM statistical_difference
UNION ALL
SELECT check_code, item_code, fuel_code, stated, computed, unit FROM fuel_total
-- step: result
SELECT check_code, item_code, fuel_code, stated, computed, stated - computed AS difference, unit
FROM compared
