-- Financed emissions of securities, properties, vehicles and sovereign debt by what their uncertainty comes from.
-- Source: asset_class_emission.
SELECT
  asset_class,
  source_of_error,
  error_code AS code,
  sum(emission) AS emission,
  min(low_percent) AS low_percent,
  max(high_percent) AS high_percent
FROM asset_class_emission
WHERE status = 'estimated'
GROUP BY asset_class, source_of_error, error_code
