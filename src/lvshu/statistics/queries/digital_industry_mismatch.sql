-- Units whose industry in the survey differs from that in the register, by what it does to their digital class.
-- Source: rule of this project: the survey's own industry decides.
-- step: digital
SELECT DISTINCT gbt4754_code AS class_code
FROM pack_digital_economy_2021_codes
WHERE major IN ('01', '02', '03', '04')
-- step: compared
SELECT
  survey.value_added,
  CASE
    WHEN register.uscc IS NULL THEN 'not_in_register'
    WHEN said.class_code IS NOT NULL AND listed.class_code IS NULL THEN 'into_digital'
    WHEN said.class_code IS NULL AND listed.class_code IS NOT NULL THEN 'out_of_digital'
    ELSE 'same_status'
  END AS change
FROM business_survey AS survey
LEFT JOIN enterprise AS register ON register.uscc = survey.uscc
LEFT JOIN digital AS said ON said.class_code = survey.industry_code
LEFT JOIN digital AS listed ON listed.class_code = register.industry_code
WHERE survey.year = :year AND survey.industry_code IS NOT NULL
  AND (register.uscc IS NULL OR register.industry_code IS NULL OR register.industry_code <> survey.industry_code)
-- step: result
SELECT change, count(*) AS units, sum(value_added) AS value_added
FROM compared
GROUP BY change
