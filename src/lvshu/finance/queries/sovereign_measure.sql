-- What PCAF sets beside the production emission of a country: its intensity by PPP-adjusted GDP (with and without land
-- use), the consumption emission = scope 1 + 2 + 3 - exported, and that per head. A missing input is not zero: the
-- measure is missing and the status says which input.
-- Source: PCAF Standard Part A (2022), section 5.7, emission intensities, tables 5-18 to 5-24.
-- step: told
SELECT
  country,
  CAST(ratio(CAST(scope1_excluding_land AS DOUBLE) * 1000000, CASE WHEN ppp_gdp > 0 THEN ppp_gdp END) AS DOUBLE)
    AS production_intensity,
  CAST(ratio(CAST(scope1_including_land AS DOUBLE) * 1000000, CASE WHEN ppp_gdp > 0 THEN ppp_gdp END) AS DOUBLE)
    AS production_intensity_with_land,
  scope1_excluding_land + scope2 + scope3 - exported AS consumption_emission,
  CASE WHEN population > 0 THEN population END AS population,
  CASE
    WHEN scope1_excluding_land IS NULL THEN 'no_scope1'
    WHEN scope2 IS NULL THEN 'no_scope2'
    WHEN scope3 IS NULL THEN 'no_scope3'
    WHEN exported IS NULL THEN 'no_exported'
    WHEN population IS NULL OR population <= 0 THEN 'no_population'
    ELSE 'computed'
  END AS consumption_status
FROM sovereign_account
WHERE year = :year
-- step: result
SELECT
  country,
  production_intensity,
  production_intensity_with_land,
  CAST(consumption_emission AS DECIMAL(24,6)) AS consumption_emission,
  ratio(CAST(consumption_emission AS DOUBLE), CAST(population AS DOUBLE)) AS consumption_per_head,
  consumption_status
FROM told
