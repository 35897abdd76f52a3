-- What of each method's financed emissions rests on industries that the machine found, or that another source states of
-- the linked unit: by borrower and basis, the amount that an intensity was multiplied with (revenue or assets x
-- attribution factor, or exposure) and what came of it.
-- Industries found by people are not here: they are taken as right, as the register's are.
-- Source: attributed_emission, coded_industry.
-- step: result
SELECT
  counted.method,
  coded.uscc,
  coded.found_by,
  CASE WHEN counted.calculation_method = 'fallback' THEN 'exposure' ELSE estimate.basis END AS basis,
  coded.industry_code,
  coded.likeliest_code,
  coded.decision,
  counted.intensity_division AS gbt4754_division,
  count(*) AS loans,
  CAST(sum(CASE WHEN counted.calculation_method = 'fallback' THEN CAST(counted.exposure AS DECIMAL(24,6))
    ELSE as_quantity(CAST(estimate.activity AS DOUBLE) * counted.attribution_factor) END) AS DECIMAL(24,6)) AS amount,
  CAST(sum(counted.emission) AS DECIMAL(24,6)) AS emission
FROM attributed_emission AS counted
JOIN coded_industry AS coded
  ON counted.subject_kind = 'entity' AND coded.uscc = counted.subject_id
  AND coded.found_by IN ('machine', 'linked')
LEFT JOIN entity_emission_estimate AS estimate
  ON counted.calculation_method = 'economic' AND estimate.subject_kind = 'entity'
  AND estimate.subject_id = counted.subject_id AND estimate.calculation = 'economic'
WHERE counted.industry_found_by IN ('machine', 'linked')
GROUP BY counted.method, coded.uscc, coded.found_by,
  CASE WHEN counted.calculation_method = 'fallback' THEN 'exposure' ELSE estimate.basis END,
  coded.industry_code, coded.likeliest_code, coded.decision, counted.intensity_division
