-- Loans, exposure and emission by the calculation used and its data-quality score.
-- Source: attributed_emission.
SELECT
  method,
  institution_id,
  calculation_method,
  quality_score,
  count(*) AS loans,
  sum(exposure) AS exposure,
  sum(emission) AS emission
FROM attributed_emission
GROUP BY method, institution_id, calculation_method, quality_score
