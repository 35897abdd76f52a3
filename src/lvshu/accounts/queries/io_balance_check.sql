-- Does the input-output table close: rows, columns, output against input, the table's own error item, every total.
-- Source: National Bureau of Statistics of China, 中国投入产出表: 中间使用+最终使用-进口-调入+其他=总产出; 中间投入+增加值=总投入.
-- step: cell
SELECT origin, row_code, row_name, row_kind, column_code, column_name, column_kind, value
FROM io_cell
WHERE table_code = :table_code AND year = :year AND area_code = :area
-- step: sector_cell
SELECT
  origin, row_code, row_name, column_code, column_kind, value,
  CASE WHEN column_kind IN ('sector', 'total', 'output', 'import', 'inflow', 'other') THEN 0 ELSE 1 END AS is_final,
  CASE WHEN column_kind IN ('household_rural', 'household_urban', 'household') THEN 1 ELSE 0 END AS is_household,
  CASE
    WHEN column_kind IN ('household_rural', 'household_urban', 'household', 'government', 'consumption') THEN 1 ELSE 0
  END AS is_consumption,
  CASE WHEN column_kind IN ('fixed_capital', 'inventory', 'capital_formation') THEN 1 ELSE 0 END AS is_capital
FROM cell
WHERE row_kind = 'sector'
-- step: row_balance
SELECT
  'row_balance' AS check_code, origin, row_code AS code, row_name AS name_zh,
  max(CASE WHEN column_kind = 'output' THEN value END) AS stated,
  sum(
    CASE
      WHEN column_kind IN ('import', 'inflow') THEN -value
      WHEN column_kind IN ('total', 'output') THEN 0
      ELSE value
    END
  ) AS computed
FROM sector_cell
GROUP BY origin, row_code, row_name
-- step: column_balance
SELECT
  'column_balance' AS check_code, 'total' AS origin, column_code AS code, column_name AS name_zh,
  max(CASE WHEN row_code = 'TI' THEN value END) AS stated,
  sum(CASE WHEN row_kind IN ('sector', 'value_added') THEN value ELSE 0 END) AS computed
FROM cell
WHERE column_kind = 'sector'
GROUP BY column_code, column_name
-- step: output_and_input
SELECT
  'output_and_input' AS check_code, 'total' AS origin, r.code, r.name_zh, r.stated AS stated, c.stated AS computed
FROM row_balance AS r
JOIN column_balance AS c ON c.code = r.code
WHERE r.origin <> 'import' AND r.stated IS NOT NULL AND c.stated IS NOT NULL
-- step: error_column
SELECT
  'error_column' AS check_code, origin, row_code AS code, row_name AS name_zh,
  CAST(NULL AS DECIMAL(24, 6)) AS stated, CAST(0 AS DECIMAL(24, 6)) AS computed, value AS difference
FROM sector_cell
WHERE column_kind = 'other' AND value <> 0
-- step: row_part
SELECT
  origin, row_code, row_name,
  sum(CASE WHEN column_kind = 'sector' THEN value ELSE 0 END) AS intermediate,
  sum(CASE WHEN is_household = 1 THEN value ELSE 0 END) AS household,
  sum(CASE WHEN is_consumption = 1 THEN value ELSE 0 END) AS consumption,
  sum(CASE WHEN is_capital = 1 THEN value ELSE 0 END) AS capital,
  sum(CASE WHEN is_final = 1 THEN value ELSE 0 END) AS final_use
FROM sector_cell
GROUP BY origin, row_code, row_name
-- step: row_total
SELECT
  'row_total' AS check_code, t.origin, concat(t.row_code, '/', t.column_code) AS code, t.row_name AS name_zh,
  t.value AS stated,
  CASE t.column_code
    WHEN 'TIU' THEN p.intermediate
    WHEN 'THC' THEN p.household
    WHEN 'TC' THEN p.consumption
    WHEN 'GCF' THEN p.capital
    ELSE p.final_use
  END AS computed
FROM sector_cell AS t
JOIN row_part AS p ON p.origin = t.origin AND p.row_code = t.row_code
WHERE t.column_kind = 'total'
-- step: column_part
SELECT
  column_code,
  sum(CASE WHEN row_kind = 'sector' THEN value ELSE 0 END) AS intermediate,
  sum(CASE WHEN row_kind = 'value_added' THEN value ELSE 0 END) AS value_added
FROM cell
GROUP BY column_code
-- step: column_total
SELECT
  'column_total' AS check_code, t.origin, concat(t.row_code, '/', t.column_code) AS code, t.row_name AS name_zh,
  t.value AS stated,
  CASE t.row_code WHEN 'TII' THEN p.intermediate ELSE p.value_added END AS computed
FROM cell AS t
JOIN column_part AS p ON p.column_code = t.column_code
WHERE t.row_code = 'TII' OR (t.row_code = 'TVA' AND t.column_kind = 'sector')
-- step: compared
SELECT check_code, origin, code, name_zh, stated, computed, stated - computed AS difference FROM row_balance
UNION ALL
SELECT check_code, origin, code, name_zh, stated, computed, stated - computed AS difference FROM column_balance
UNION ALL
SELECT check_code, origin, code, name_zh, stated, computed, stated - computed AS difference FROM output_and_input
UNION ALL
SELECT check_code, origin, code, name_zh, stated, computed, difference FROM error_column
UNION ALL
SELECT check_code, origin, code, name_zh, stated, computed, stated - computed AS difference FROM row_total
UNION ALL
SELECT check_code, origin, code, name_zh, stated, computed, stated - computed AS difference FROM column_total
-- step: result
SELECT check_code, origin, code, name_zh, stated, computed, difference, :table_code AS table_code
FROM compared
WHERE difference IS NOT NULL
