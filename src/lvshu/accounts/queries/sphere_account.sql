-- The city's economy, energy and emissions over production, circulation and consumption, with each measure closing.
-- Source: 国发〔2021〕4号 (production, circulation and consumption systems); circulation = transport, storage, post,
-- wholesale and retail, recycling, by the bridge of sectors.
-- step: household_line
SELECT direct.emission AS emission, used.energy AS energy
FROM (SELECT sum(emission) AS emission FROM footprint WHERE emission_origin = 'direct') AS direct
CROSS JOIN (SELECT sum(energy_tce) AS energy FROM energy_use WHERE sector_code LIKE 'household%') AS used
-- step: sector_part
SELECT
  coalesce(sphere, 'unassigned') AS sphere, sum(output) AS output, sum(value_added) AS value_added,
  sum(direct_emission) AS direct_emission, sum(energy_tce) AS energy
FROM sector_account
GROUP BY coalesce(sphere, 'unassigned')
-- step: measured
SELECT sphere, 'output' AS measure, output AS value, 'CNY' AS unit FROM sector_part
UNION ALL
SELECT sphere, 'value_added' AS measure, value_added AS value, 'CNY' AS unit FROM sector_part
UNION ALL
SELECT sphere, 'direct_emission' AS measure, direct_emission AS value, 'tCO2' AS unit FROM sector_part
UNION ALL
SELECT sphere, 'energy' AS measure, energy AS value, 'tce' AS unit FROM sector_part
UNION ALL
SELECT 'consumption' AS sphere, 'direct_emission' AS measure, emission AS value, 'tCO2' AS unit FROM household_line
UNION ALL
SELECT 'consumption' AS sphere, 'energy' AS measure, energy AS value, 'tce' AS unit FROM household_line
UNION ALL
SELECT 'consumption' AS sphere, 'final_consumption' AS measure, CAST(sum(value) AS DECIMAL(24,6)) AS value, 'CNY' AS unit
FROM use_by_origin
WHERE column_kind IN ('household_rural', 'household_urban', 'household', 'government', 'consumption')
-- step: measure_total
SELECT measure, sum(value) AS total FROM measured GROUP BY measure
-- step: result
SELECT m.sphere, m.measure, m.value, m.unit, CAST(100 AS DOUBLE) * ratio(m.value, t.total) AS share
FROM measured AS m
JOIN measure_total AS t ON t.measure = m.measure
WHERE m.value IS NOT NULL
