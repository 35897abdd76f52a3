-- Emission per yuan of revenue and of assets that the economic method and the fallback use, by division of the accounts of
-- the same run; divisions that these do not have take the user's own factors (sector_emission_factor), by division,
-- group or class. Of several years the latest up to the reporting year counts, else the earliest after it.
-- Source: sector_intensity; sector_emission_factor, given by the user with its source.
-- step: accounts
SELECT
  whole.gbt4754_division AS code,
  whole.intensity_revenue,
  whole.intensity_assets,
  own.intensity_revenue AS direct_revenue,
  own.intensity_assets AS direct_assets,
  whole.year,
  whole.source
FROM sector_intensity AS whole
JOIN sector_intensity AS own ON own.gbt4754_division = whole.gbt4754_division AND own.scope = 'scope1'
WHERE whole.scope = 'scope1_2'
-- step: dated
SELECT
  class_code AS code,
  CASE WHEN basis = 'assets' THEN 'assets' ELSE 'revenue' END AS measure,
  ratio(scope1_2, 10000) AS whole,
  ratio(scope1, 10000) AS direct,
  year,
  source,
  row_number() OVER (
    PARTITION BY class_code, CASE WHEN basis = 'assets' THEN 'assets' ELSE 'revenue' END
    ORDER BY
      CASE WHEN year <= :year THEN 0 ELSE 1 END,
      CASE WHEN year <= :year THEN -year ELSE year END,
      CASE WHEN basis = 'output' THEN 1 ELSE 0 END
  ) AS place
FROM sector_emission_factor
-- step: given
SELECT
  code,
  max(CASE WHEN measure = 'revenue' THEN whole END) AS intensity_revenue,
  max(CASE WHEN measure = 'assets' THEN whole END) AS intensity_assets,
  max(CASE WHEN measure = 'revenue' THEN direct END) AS direct_revenue,
  max(CASE WHEN measure = 'assets' THEN direct END) AS direct_assets,
  min(year) AS year,
  min(source) AS source
FROM dated
WHERE place = 1
GROUP BY code
-- step: result
SELECT
  code, 'accounts' AS origin, intensity_revenue, intensity_assets, direct_revenue, direct_assets, year, source
FROM accounts
UNION ALL
SELECT
  given.code, 'user' AS origin, given.intensity_revenue, given.intensity_assets, given.direct_revenue,
  given.direct_assets, given.year, given.source
FROM given
LEFT JOIN accounts ON accounts.code = substr(given.code, 1, 2)
WHERE accounts.code IS NULL
