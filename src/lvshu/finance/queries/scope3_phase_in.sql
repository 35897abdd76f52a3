-- Whether the report has to give scope 3 of a division, and for how much of the loans in scope it is known. The years
-- of the phase-in are those in which reports are published: the parameter report_year, the year after the book's.
-- A division that the pack does not list is required from 2025, as every sector is.
-- Source: PCAF Standard Part A (2022), tables 5-2 and 5-6; pack pcaf_scope3_phase_in.
-- step: by_division
SELECT
  method,
  institution_id,
  coalesce(gbt4754_division, 'none') AS gbt4754_division,
  sum(outstanding_amount) AS outstanding_amount,
  sum(CASE WHEN scope3 IS NOT NULL THEN outstanding_amount END) AS outstanding_scope3,
  sum(scope3) AS scope3
FROM attributed_emission
GROUP BY method, institution_id, coalesce(gbt4754_division, 'none')
-- step: result
SELECT
  by_division.method,
  by_division.institution_id,
  by_division.gbt4754_division,
  coalesce(phase.required_from, 2025) AS required_from,
  coalesce(phase.required_from, 2025) <= :report_year AS required,
  by_division.outstanding_amount,
  by_division.outstanding_scope3,
  CAST(by_division.scope3 AS DECIMAL(24,6)) AS scope3
FROM by_division
LEFT JOIN pack_pcaf_scope3_phase_in AS phase ON phase.gbt4754_division = by_division.gbt4754_division
