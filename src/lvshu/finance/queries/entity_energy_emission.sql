-- Emission of each fuel that an enterprise or a project used in the year, by the factors applied in this run.
-- A fuel without a factor keeps its row with an empty emission: it is a gap, not a zero (unless none was used).
-- Source: energy method, E = sum of quantity x factor; packs of fuel, electricity and heat factors.
-- step: used
SELECT
  CASE WHEN energy.project_id IS NULL THEN 'entity' ELSE 'project' END AS subject_kind,
  coalesce(energy.project_id, energy.uscc) AS subject_id,
  energy.fuel_code,
  coalesce(energy.source_kind, 'none') AS source_kind,
  energy.unit,
  energy.quantity,
  coalesce(enterprise.area_code, :area) AS area_code
FROM energy_return AS energy
LEFT JOIN enterprise ON enterprise.uscc = energy.uscc
WHERE energy.year = :year
-- step: result
SELECT
  used.subject_kind,
  used.subject_id,
  used.fuel_code,
  used.source_kind,
  used.unit,
  used.quantity,
  used.area_code,
  applied.scope,
  CASE WHEN applied.factor IS NOT NULL THEN as_quantity(CAST(used.quantity AS DOUBLE) * applied.factor)
    WHEN used.quantity = 0 THEN CAST(0 AS DECIMAL(24,6)) END AS emission,
  CASE WHEN applied.coal_equivalent IS NOT NULL
    THEN as_quantity(CAST(used.quantity AS DOUBLE) * applied.coal_equivalent) END AS coal_equivalent
FROM used
LEFT JOIN energy_factor_applied AS applied
  ON applied.area_code = used.area_code AND applied.fuel_code = used.fuel_code
  AND applied.unit = used.unit AND applied.source_kind = used.source_kind
