-- Each material's extraction, trade abroad and with the rest of the country, direct input, consumption and balances.
-- Source: Eurostat (2018), Economy-wide material flow accounts handbook: DMI = extraction + imports; DMC = DMI - exports;
-- for a city imports include inflow and exports include outflow.
-- step: part
SELECT
  material, max(name_zh) AS name_zh, max(name_en) AS name_en, max(category) AS category,
  sum(CASE WHEN flow = 'domestic_extraction' THEN quantity END) AS domestic_extraction,
  sum(CASE WHEN flow = 'unused_extraction' THEN quantity END) AS unused_extraction,
  sum(CASE WHEN flow = 'import' THEN quantity END) AS imports,
  sum(CASE WHEN flow = 'inflow' THEN quantity END) AS inflow,
  sum(CASE WHEN flow = 'export' THEN quantity END) AS exports,
  sum(CASE WHEN flow = 'outflow' THEN quantity END) AS outflow
FROM material_flow
WHERE year = :year AND coalesce(area_code, :area) = :area
  AND flow IN ('domestic_extraction', 'unused_extraction', 'import', 'inflow', 'export', 'outflow')
GROUP BY material
-- step: filled
SELECT
  material, coalesce(domestic_extraction, 0) AS extraction, coalesce(imports, 0) AS imports,
  coalesce(inflow, 0) AS inflow, coalesce(exports, 0) AS exports, coalesce(outflow, 0) AS outflow
FROM part
-- step: result
SELECT
  p.material, p.name_zh, p.name_en, p.category, p.domestic_extraction, p.unused_extraction, p.imports, p.inflow,
  p.exports, p.outflow, f.extraction + f.imports + f.inflow AS direct_input,
  f.extraction + f.imports + f.inflow - f.exports - f.outflow AS consumption,
  f.imports - f.exports AS trade_balance_abroad, f.inflow - f.outflow AS trade_balance_country
FROM part AS p
JOIN filled AS f ON f.material = p.material
