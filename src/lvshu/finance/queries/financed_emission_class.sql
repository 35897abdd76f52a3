-- Gross exposure of the whole book and the financed emission of each scope, by accounting method, institution,
-- asset class and industry division: the table behind ISSB S2 (B62) and the PCAF disclosure. Under pcaf_2022 properties,
-- vehicles, securities and sovereign debt come from asset_class_emission: loans of the ledger that it accounts for take
-- its emission, positions outside the ledger are rows of their own. Removals, credits and avoided emissions are in none
-- of the columns. Gross exposure does not net shorts (negative amounts): they stand in short_exposure and carry no
-- emission, so that no share exceeds the whole. Scores are weighted by outstanding amount, that
-- of scope 3 apart.
-- Source: IFRS S2 (2023), B62; PCAF Standard Part A (2022), chapter 6; tables loan_scope, attributed_emission, loan.
-- step: held
SELECT
  scope.loan_id,
  scope.method,
  scope.institution_id,
  loan.asset_class,
  scope.sector_code,
  scope.outstanding_amount,
  attributed.emission,
  attributed.scope1,
  attributed.scope2,
  attributed.scope_unsplit,
  attributed.scope3,
  attributed.quality_score,
  attributed.scope3_score
FROM loan_scope AS scope
LEFT JOIN loan ON loan.loan_id = scope.loan_id
LEFT JOIN attributed_emission AS attributed
  ON attributed.loan_id = scope.loan_id AND attributed.method = scope.method
-- step: counted
SELECT
  held.method,
  held.institution_id,
  coalesce(held.asset_class, 'not_stated') AS asset_class,
  coalesce(substr(held.sector_code, 1, 2), other.gbt4754_division, 'none') AS gbt4754_division,
  held.outstanding_amount,
  coalesce(held.emission, other.emission) AS emission,
  coalesce(held.scope1, other.scope1) AS scope1,
  coalesce(held.scope2, other.scope2) AS scope2,
  coalesce(held.scope_unsplit, other.scope_unsplit) AS scope_unsplit,
  coalesce(held.scope3, other.scope3) AS scope3,
  CAST(coalesce(held.quality_score, other.quality_score) AS DECIMAL(4,2)) AS quality_score,
  CAST(coalesce(held.scope3_score, other.scope3_score) AS DECIMAL(4,2)) AS scope3_score
FROM held
LEFT JOIN asset_class_emission AS other
  ON held.method = 'pcaf_2022' AND held.emission IS NULL AND other.position_id = held.loan_id
  AND other.asset_class = held.asset_class
UNION ALL
SELECT
  'pcaf_2022' AS method,
  position.institution_id,
  position.asset_class,
  coalesce(position.gbt4754_division, 'none') AS gbt4754_division,
  position.outstanding_amount,
  position.emission,
  position.scope1,
  position.scope2,
  position.scope_unsplit,
  position.scope3,
  CAST(position.quality_score AS DECIMAL(4,2)) AS quality_score,
  CAST(position.scope3_score AS DECIMAL(4,2)) AS scope3_score
FROM asset_class_emission AS position
LEFT JOIN held
  ON held.loan_id = position.position_id AND held.method = 'pcaf_2022' AND held.asset_class = position.asset_class
WHERE held.loan_id IS NULL AND position.institution_id IS NOT NULL
-- step: result
SELECT
  method,
  institution_id,
  asset_class,
  gbt4754_division,
  count(*) AS loans,
  count(emission) AS loans_estimated,
  CAST(sum(CASE WHEN outstanding_amount >= 0 THEN outstanding_amount END) AS DECIMAL(20,2)) AS gross_exposure,
  CAST(sum(CASE WHEN outstanding_amount < 0 THEN outstanding_amount END) AS DECIMAL(20,2)) AS short_exposure,
  CAST(sum(CASE WHEN emission IS NOT NULL THEN outstanding_amount END) AS DECIMAL(20,2)) AS included_exposure,
  sum(emission) AS emission,
  sum(scope1) AS scope1,
  sum(scope2) AS scope2,
  sum(scope_unsplit) AS scope_unsplit,
  sum(scope3) AS scope3,
  CAST(sum(CASE WHEN emission IS NOT NULL THEN outstanding_amount * quality_score END) AS DECIMAL(20,2))
    AS exposure_times_score,
  CAST(sum(CASE WHEN scope3 IS NOT NULL THEN outstanding_amount END) AS DECIMAL(20,2)) AS scope3_exposure,
  CAST(sum(CASE WHEN scope3 IS NOT NULL THEN outstanding_amount * scope3_score END) AS DECIMAL(20,2))
    AS exposure_times_score3
FROM counted
GROUP BY method, institution_id, asset_class, gbt4754_division
