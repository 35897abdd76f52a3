-- Gross exposure of the whole book and the financed emission of each scope, by accounting method, institution,
-- asset class and industry division: the table behind ISSB S2 (B62) and the PCAF disclosure. Removals, credits and
-- avoided emissions are in none of its columns. The score is weighted by outstanding amount.
-- Source: IFRS S2 (2023), B62; PCAF Standard Part A (2022), chapter 6; tables loan_scope, attributed_emission, loan.
-- step: counted
SELECT
  scope.method,
  scope.institution_id,
  coalesce(loan.asset_class, 'not_stated') AS asset_class,
  coalesce(substr(scope.sector_code, 1, 2), 'none') AS gbt4754_division,
  scope.outstanding_amount,
  attributed.emission,
  attributed.scope1,
  attributed.scope2,
  attributed.scope_unsplit,
  attributed.scope3,
  CAST(attributed.quality_score AS DECIMAL(4,2)) AS quality_score
FROM loan_scope AS scope
LEFT JOIN loan ON loan.loan_id = scope.loan_id
LEFT JOIN attributed_emission AS attributed
  ON attributed.loan_id = scope.loan_id AND attributed.method = scope.method
-- step: result
SELECT
  method,
  institution_id,
  asset_class,
  gbt4754_division,
  count(*) AS loans,
  count(emission) AS loans_estimated,
  CAST(sum(outstanding_amount) AS DECIMAL(20,2)) AS gross_exposure,
  CAST(sum(CASE WHEN emission IS NOT NULL THEN outstanding_amount END) AS DECIMAL(20,2)) AS included_exposure,
  sum(emission) AS emission,
  sum(scope1) AS scope1,
  sum(scope2) AS scope2,
  sum(scope_unsplit) AS scope_unsplit,
  sum(scope3) AS scope3,
  CAST(sum(CASE WHEN emission IS NOT NULL THEN outstanding_amount * quality_score END) AS DECIMAL(20,2))
    AS exposure_times_score
FROM counted
GROUP BY method, institution_id, asset_class, gbt4754_division
