-- Financed emissions by accounting method, institution, branch, industry group and division: exact sums over the
-- table attributed_emission, so that the sum over branches, over industries and the total are the same figure.
-- Source: attributed_emission.
SELECT
  method,
  institution_id,
  coalesce(branch_code, 'none') AS branch_code,
  industry_group,
  coalesce(gbt4754_division, 'none') AS gbt4754_division,
  count(*) AS loans,
  count(emission) AS loans_estimated,
  sum(exposure) AS exposure,
  sum(CASE WHEN emission IS NOT NULL THEN exposure END) AS exposure_estimated,
  sum(outstanding_amount) AS outstanding_amount,
  sum(emission) AS emission,
  sum(scope1) AS scope1,
  sum(scope2) AS scope2,
  sum(scope_unsplit) AS scope_unsplit,
  sum(scope3) AS scope3,
  sum(emission * CAST(quality_score AS DECIMAL(4,2))) AS emission_times_score,
  sum(CASE WHEN emission IS NOT NULL THEN exposure * CAST(quality_score AS DECIMAL(4,2)) END) AS exposure_times_score
FROM attributed_emission
GROUP BY method, institution_id, coalesce(branch_code, 'none'), industry_group, coalesce(gbt4754_division, 'none')
