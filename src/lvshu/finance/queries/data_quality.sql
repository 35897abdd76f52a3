-- Loans, exposure and emission by the calculation used and its data-quality score; of it what rests on reports of CO2
-- alone, a lower bound of CO2 equivalent.
-- Source: attributed_emission, entity_emission_choice.
SELECT
  attributed.method,
  attributed.institution_id,
  attributed.calculation_method,
  attributed.quality_score,
  count(*) AS loans,
  sum(attributed.exposure) AS exposure,
  sum(attributed.emission) AS emission,
  sum(CASE WHEN choice.co2_alone AND choice.calculation_method = attributed.calculation_method
    THEN attributed.emission ELSE CAST(0 AS DECIMAL(24,6)) END) AS co2_alone_emission
FROM attributed_emission AS attributed
LEFT JOIN entity_emission_choice AS choice
  ON choice.method = attributed.method AND choice.subject_kind = attributed.subject_kind
  AND choice.subject_id = attributed.subject_id
GROUP BY attributed.method, attributed.institution_id, attributed.calculation_method, attributed.quality_score
