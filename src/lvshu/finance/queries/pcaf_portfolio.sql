-- PCAF's seven asset classes in one table: business loans and project finance of the ledger (method pcaf_2022; a loan
-- of class listed_equity_bond is told as not covered: securities are in security_position) and the positions of
-- asset_class_emission. Short positions (negative amounts) are counted among the positions and not netted in the
-- amount. Exact sums, so that branches, divisions and classes all add up to the same total.
-- Source: attributed_emission, asset_class_emission.
-- step: every
SELECT
  subject.asset_class,
  attributed.institution_id,
  attributed.branch_code,
  attributed.gbt4754_division,
  attributed.outstanding_amount,
  attributed.emission,
  attributed.scope1,
  attributed.scope2,
  attributed.scope_unsplit,
  attributed.scope3,
  CAST(attributed.quality_score AS DECIMAL(4,2)) AS quality_score,
  CAST(attributed.scope3_score AS DECIMAL(4,2)) AS scope3_score
FROM attributed_emission AS attributed
JOIN loan_subject AS subject ON subject.loan_id = attributed.loan_id
WHERE attributed.method = 'pcaf_2022'
UNION ALL
SELECT
  asset_class,
  institution_id,
  branch_code,
  gbt4754_division,
  outstanding_amount,
  emission,
  scope1,
  scope2,
  scope_unsplit,
  scope3,
  CAST(quality_score AS DECIMAL(4,2)) AS quality_score,
  CAST(scope3_score AS DECIMAL(4,2)) AS scope3_score
FROM asset_class_emission
-- step: result
SELECT
  asset_class,
  institution_id,
  coalesce(branch_code, 'none') AS branch_code,
  coalesce(gbt4754_division, 'none') AS gbt4754_division,
  count(*) AS positions,
  count(emission) AS positions_estimated,
  sum(CASE WHEN outstanding_amount >= 0 THEN outstanding_amount END) AS outstanding_amount,
  sum(CASE WHEN emission IS NOT NULL THEN outstanding_amount END) AS outstanding_estimated,
  sum(CASE WHEN scope3 IS NOT NULL THEN outstanding_amount END) AS outstanding_scope3,
  sum(emission) AS emission,
  sum(scope1) AS scope1,
  sum(scope2) AS scope2,
  sum(scope_unsplit) AS scope_unsplit,
  sum(scope3) AS scope3,
  sum(CASE WHEN emission IS NOT NULL THEN outstanding_amount * quality_score END) AS outstanding_times_score,
  sum(CASE WHEN scope3 IS NOT NULL THEN outstanding_amount * scope3_score END) AS outstanding_times_score3
FROM every
GROUP BY asset_class, institution_id, coalesce(branch_code, 'none'), coalesce(gbt4754_division, 'none')
