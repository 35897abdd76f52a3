-- The year's emission of each financed property and vehicle under each PCAF option there are data for.
-- Properties: metered energy (1a with the supplier's factors, 1b with average ones), by label (2a), by type and place
-- (2b), per building (3). Vehicles: fuel burnt (1a), make and model x actual (1b), local (2a) or regional (2b)
-- distance, vehicle type (3a), average vehicle (3b). Mixed energy takes the worse option.
-- Average factors of electricity and heat are those of the place where the energy is used; a distance of unknown basis
-- counts as regional, the worst.
-- Factors per square metre, building, kilometre or vehicle are the user's (asset_emission_factor); none is shipped.
-- A property or vehicle whose energy lacks one factor has no metered estimate: it is a gap, not a zero.
-- Source: PCAF Standard Part A (2022), sections 5.4, 5.5, 5.6; pack pcaf_options.
-- step: asset
SELECT
  loan.loan_id,
  loan.asset_class,
  'property' AS asset_kind,
  coalesce(property.building_type, '*') AS kind_code,
  property.energy_label AS finer_code,
  property.floor_area,
  coalesce(property.buildings, CAST(1 AS DECIMAL(24,6))) AS pieces,
  CAST(NULL AS DECIMAL(24,6)) AS distance,
  CAST(NULL AS VARCHAR) AS distance_basis
FROM property_finance AS property
JOIN loan ON loan.loan_id = property.loan_id
WHERE loan.asset_class IN ('commercial_real_estate', 'mortgage')
UNION ALL
SELECT
  loan.loan_id,
  loan.asset_class,
  'vehicle' AS asset_kind,
  coalesce(vehicle.vehicle_type, '*') AS kind_code,
  vehicle.make_model AS finer_code,
  CAST(NULL AS DECIMAL(24,6)) AS floor_area,
  coalesce(vehicle.vehicles, CAST(1 AS DECIMAL(24,6))) AS pieces,
  vehicle.distance,
  vehicle.distance_basis
FROM vehicle_finance AS vehicle
JOIN loan ON loan.loan_id = vehicle.loan_id
WHERE loan.asset_class = 'motor_vehicle'
-- step: metered
SELECT
  asset.loan_id,
  asset.asset_class,
  asset.asset_kind,
  coalesce(applied.scope, CASE WHEN energy.fuel_code IN ('electricity', 'heat') THEN 'scope2' ELSE 'scope1' END)
    AS scope,
  CASE WHEN energy.supplier_factor IS NOT NULL THEN 1 ELSE 0 END AS by_supplier,
  as_quantity(CAST(energy.quantity AS DOUBLE) * coalesce(energy.supplier_factor, applied.factor)) AS emission
FROM asset
JOIN asset_energy AS energy ON energy.loan_id = asset.loan_id AND energy.year = :year
LEFT JOIN energy_factor_applied AS applied
  ON applied.area_code = coalesce(energy.area_code, CAST(:area AS VARCHAR)) AND applied.fuel_code = energy.fuel_code
  AND applied.unit = energy.unit AND applied.source_kind = 'none'
-- step: metered_sum
SELECT
  loan_id,
  asset_class,
  CASE
    WHEN asset_kind = 'vehicle' THEN 'fuel'
    WHEN sum(by_supplier) = count(*) THEN 'metered_supplier'
    ELSE 'metered_average'
  END AS calculation,
  sum(CASE WHEN scope = 'scope1' THEN emission ELSE CAST(0 AS DECIMAL(24,6)) END) AS scope1,
  sum(CASE WHEN scope = 'scope2' THEN emission ELSE CAST(0 AS DECIMAL(24,6)) END) AS scope2
FROM metered
GROUP BY loan_id, asset_class, asset_kind
HAVING count(*) = count(emission)
-- step: by_factor
SELECT
  asset.loan_id,
  asset.asset_class,
  CASE
    WHEN factor.level <> 'make_model' THEN factor.level
    WHEN asset.distance_basis = 'actual' THEN 'make_model_actual'
    WHEN asset.distance_basis = 'local' THEN 'make_model_local'
    ELSE 'make_model_regional'
  END AS calculation,
  CASE factor.basis
    WHEN 'm2' THEN asset.floor_area
    WHEN 'km' THEN asset.distance
    ELSE asset.pieces
  END AS amount,
  CASE WHEN factor.code = '*' THEN 1 ELSE 0 END AS general,
  factor.scope1,
  factor.scope2,
  factor.low_percent,
  factor.high_percent,
  concat(factor.asset_kind, ' | ', factor.level, ' | ', factor.code, ' | ', factor.basis) AS factor_key
FROM asset
JOIN asset_emission_factor AS factor
  ON factor.asset_kind = asset.asset_kind
  AND (factor.code = '*' OR factor.code = CASE WHEN factor.level IN ('label', 'make_model') THEN asset.finer_code
    ELSE asset.kind_code END)
WHERE NOT (factor.level IN ('label', 'make_model') AND asset.finer_code IS NULL)
-- step: best_factor
SELECT
  loan_id,
  asset_class,
  calculation,
  amount,
  scope1,
  scope2,
  low_percent,
  high_percent,
  factor_key,
  row_number() OVER (PARTITION BY loan_id, calculation ORDER BY general, factor_key) AS place
FROM by_factor
WHERE amount IS NOT NULL
-- step: every
SELECT
  loan_id,
  asset_class,
  calculation,
  CAST(scope1 AS DECIMAL(24,6)) AS scope1,
  CAST(scope2 AS DECIMAL(24,6)) AS scope2,
  CAST(NULL AS DOUBLE) AS low_percent,
  CAST(NULL AS DOUBLE) AS high_percent,
  CAST(NULL AS VARCHAR) AS factor_key
FROM metered_sum
UNION ALL
SELECT
  loan_id,
  asset_class,
  calculation,
  as_quantity(CAST(amount AS DOUBLE) * coalesce(scope1, CAST(0 AS DOUBLE))) AS scope1,
  as_quantity(CAST(amount AS DOUBLE) * coalesce(scope2, CAST(0 AS DOUBLE))) AS scope2,
  low_percent,
  high_percent,
  factor_key
FROM best_factor
WHERE place = 1
-- step: result
SELECT
  every.asset_class,
  every.loan_id AS position_id,
  options.option AS quality_option,
  every.scope1,
  every.scope2,
  every.scope1 + every.scope2 AS emission,
  every.low_percent,
  every.high_percent,
  every.factor_key
FROM every
JOIN pack_pcaf_options AS options
  ON options.edition = 'pcaf_2022' AND options.asset_class = every.asset_class
  AND options.calculation = every.calculation
