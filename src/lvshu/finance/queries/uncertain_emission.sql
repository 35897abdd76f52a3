-- Financed emissions by what their uncertainty comes from: the division whose intensity was used (economic and
-- fallback), the fuel whose factor was used (energy), or nothing that is known (reports, products, processes).
-- Source: attributed_emission; the shares of fuels and processes in each energy estimate.
-- step: by_subject
SELECT
  method,
  subject_kind,
  subject_id,
  CAST(sum(emission) AS DECIMAL(24,6)) AS emission
FROM attributed_emission
WHERE calculation_method = 'energy'
GROUP BY method, subject_kind, subject_id
-- step: by_fuel
SELECT
  by_subject.method,
  fuel.fuel_code,
  fuel.unit,
  fuel.source_kind,
  fuel.area_code,
  sum(as_quantity(CAST(by_subject.emission AS DOUBLE) * ratio(fuel.emission, total.emission))) AS emission
FROM by_subject
JOIN entity_emission_estimate AS total
  ON total.subject_kind = by_subject.subject_kind AND total.subject_id = by_subject.subject_id
  AND total.calculation = 'energy'
JOIN entity_energy_emission AS fuel
  ON fuel.subject_kind = by_subject.subject_kind AND fuel.subject_id = by_subject.subject_id
GROUP BY by_subject.method, fuel.fuel_code, fuel.unit, fuel.source_kind, fuel.area_code
-- step: by_process
SELECT
  by_subject.method,
  sum(as_quantity(CAST(by_subject.emission AS DOUBLE) * ratio(process.emission, total.emission))) AS emission
FROM by_subject
JOIN entity_emission_estimate AS total
  ON total.subject_kind = by_subject.subject_kind AND total.subject_id = by_subject.subject_id
  AND total.calculation = 'energy'
JOIN entity_process_emission AS process
  ON process.subject_kind = by_subject.subject_kind AND process.subject_id = by_subject.subject_id
GROUP BY by_subject.method
-- step: result
SELECT
  method,
  'division' AS source_of_error,
  intensity_division AS code,
  CAST(sum(emission) AS DECIMAL(24,6)) AS emission
FROM attributed_emission
WHERE intensity_division IS NOT NULL
GROUP BY method, intensity_division
UNION ALL
SELECT by_fuel.method, 'fuel' AS source_of_error, by_fuel.fuel_code AS code, CAST(sum(by_fuel.emission) AS DECIMAL(24,6)) AS emission
FROM by_fuel
GROUP BY by_fuel.method, by_fuel.fuel_code
UNION ALL
SELECT method, 'not_known' AS source_of_error, 'process' AS code, CAST(emission AS DECIMAL(24,6)) AS emission
FROM by_process
UNION ALL
SELECT method, 'not_known' AS source_of_error, calculation_method AS code, CAST(sum(emission) AS DECIMAL(24,6)) AS emission
FROM attributed_emission
WHERE calculation_method NOT IN ('energy', 'economic', 'fallback', 'none')
GROUP BY method, calculation_method
