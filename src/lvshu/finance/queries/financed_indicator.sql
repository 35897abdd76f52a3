-- Intensities, weighted average carbon intensity and quality scores of each institution and of all ('*').
-- WACI = sum of exposure x (emission of the borrower / its revenue) over the loans whose borrower has both, per
-- exposure of these. Revenue financed = attribution factor x revenue. Scores by exposure (PCAF) and by emission
-- (bank guide), scopes 1 and 2 apart from scope 3.
-- Source: PCAF Standard Part A (2022), chapter 6; bank guide 2026 (DQR); attributed_emission.
-- step: loan_row
SELECT
  attributed.method,
  attributed.institution_id,
  attributed.exposure,
  attributed.emission,
  attributed.scope3,
  CAST(attributed.quality_score AS DECIMAL(4,2)) AS score,
  CAST(attributed.scope3_score AS DECIMAL(4,2)) AS score3,
  CASE WHEN money.main_business_revenue > 0 AND attributed.entity_emission IS NOT NULL
    THEN attributed.exposure END AS exposure_with_revenue,
  CASE WHEN money.main_business_revenue > 0
    THEN as_quantity(CAST(attributed.exposure AS DOUBLE) * ratio(attributed.entity_emission, money.main_business_revenue))
    END AS exposure_times_intensity,
  CASE WHEN money.main_business_revenue > 0
    THEN as_quantity(attributed.attribution_factor * CAST(money.main_business_revenue AS DOUBLE)) END
    AS revenue_financed,
  CASE WHEN money.main_business_revenue > 0 AND attributed.attribution_factor IS NOT NULL THEN attributed.emission END
    AS emission_with_revenue
FROM attributed_emission AS attributed
LEFT JOIN enterprise_finance AS money
  ON attributed.subject_kind = 'entity' AND money.uscc = attributed.subject_id AND money.year = :year
-- step: summed
SELECT
  method,
  institution_id,
  count(*) AS loans,
  sum(exposure) AS exposure,
  sum(CASE WHEN emission IS NOT NULL THEN exposure END) AS exposure_estimated,
  sum(emission) AS emission,
  sum(scope3) AS scope3,
  sum(exposure_with_revenue) AS exposure_with_revenue,
  sum(exposure_times_intensity) AS exposure_times_intensity,
  sum(revenue_financed) AS revenue_financed,
  sum(emission_with_revenue) AS emission_with_revenue,
  sum(CASE WHEN emission IS NOT NULL AND score IS NOT NULL THEN exposure END) AS exposure_scored,
  sum(CASE WHEN emission IS NOT NULL THEN exposure * score END) AS exposure_times_score,
  sum(CASE WHEN score IS NOT NULL THEN emission END) AS emission_scored,
  sum(emission * score) AS emission_times_score,
  sum(CASE WHEN scope3 IS NOT NULL AND score3 IS NOT NULL THEN exposure END) AS exposure_scored3,
  sum(CASE WHEN scope3 IS NOT NULL THEN exposure * score3 END) AS exposure_times_score3,
  sum(CASE WHEN score3 IS NOT NULL THEN scope3 END) AS scope3_scored,
  sum(scope3 * score3) AS scope3_times_score
FROM loan_row
GROUP BY method, institution_id
-- step: level
SELECT 1 AS own
UNION ALL
SELECT 0 AS own
-- step: both
SELECT
  summed.method,
  CASE WHEN level.own = 1 THEN summed.institution_id ELSE '*' END AS institution_id,
  CAST(sum(summed.loans) AS BIGINT) AS loans,
  sum(summed.exposure) AS exposure,
  sum(summed.exposure_estimated) AS exposure_estimated,
  sum(summed.emission) AS emission,
  sum(summed.scope3) AS scope3,
  sum(summed.exposure_with_revenue) AS exposure_with_revenue,
  sum(summed.exposure_times_intensity) AS exposure_times_intensity,
  sum(summed.revenue_financed) AS revenue_financed,
  sum(summed.emission_with_revenue) AS emission_with_revenue,
  sum(summed.exposure_scored) AS exposure_scored,
  sum(summed.exposure_times_score) AS exposure_times_score,
  sum(summed.emission_scored) AS emission_scored,
  sum(summed.emission_times_score) AS emission_times_score,
  sum(summed.exposure_scored3) AS exposure_scored3,
  sum(summed.exposure_times_score3) AS exposure_times_score3,
  sum(summed.scope3_scored) AS scope3_scored,
  sum(summed.scope3_times_score) AS scope3_times_score
FROM summed
CROSS JOIN level
GROUP BY summed.method, CASE WHEN level.own = 1 THEN summed.institution_id ELSE '*' END
-- step: result
SELECT
  method,
  institution_id,
  loans,
  exposure,
  exposure_estimated,
  emission,
  scope3,
  ratio(emission, ratio(exposure_estimated, 1000000)) AS intensity,
  ratio(emission_with_revenue, ratio(revenue_financed, 1000000)) AS revenue_intensity,
  ratio(exposure_times_intensity, ratio(exposure_with_revenue, 1000000)) AS weighted_average_intensity,
  exposure_with_revenue,
  as_quantity(ratio(exposure_times_score, exposure_scored)) AS score_by_exposure,
  as_quantity(ratio(emission_times_score, emission_scored)) AS score_by_emission,
  as_quantity(ratio(exposure_times_score3, exposure_scored3)) AS scope3_score_by_exposure,
  as_quantity(ratio(scope3_times_score, scope3_scored)) AS scope3_score_by_emission
FROM both
