-- Attribution by borrower or project of each institution: what next year's comparison needs.
-- Source: attributed_emission; revenue from the statements of the year.
SELECT
  attributed.method,
  attributed.institution_id,
  attributed.subject_kind,
  coalesce(attributed.subject_id, 'none') AS subject_id,
  coalesce(attributed.gbt4754_division, 'none') AS gbt4754_division,
  count(*) AS loans,
  sum(attributed.exposure) AS exposure,
  CASE WHEN min(attributed.calculation_method) = max(attributed.calculation_method)
    THEN max(attributed.denominator) END AS denominator,
  CASE WHEN min(attributed.calculation_method) = max(attributed.calculation_method)
    THEN max(attributed.denominator_basis) END AS denominator_basis,
  CASE WHEN min(attributed.calculation_method) = max(attributed.calculation_method)
    THEN max(attributed.entity_emission) END AS entity_emission,
  max(CASE WHEN attributed.subject_kind = 'entity' AND money.main_business_revenue > 0
    THEN money.main_business_revenue END) AS activity,
  CASE WHEN min(attributed.calculation_method) = max(attributed.calculation_method)
    THEN min(attributed.calculation_method) ELSE 'mixed' END AS calculation_method,
  sum(attributed.emission) AS emission
FROM attributed_emission AS attributed
LEFT JOIN enterprise_finance AS money ON money.uscc = attributed.subject_id AND money.year = :year
GROUP BY attributed.method, attributed.institution_id, attributed.subject_kind,
  coalesce(attributed.subject_id, 'none'), coalesce(attributed.gbt4754_division, 'none')
