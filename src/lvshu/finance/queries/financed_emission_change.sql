-- The change of financed emissions by method, institution and division: the total before, each effect, the total now.
-- Source: subject_change, whose rows add up exactly.
-- step: effect
SELECT method, institution_id, gbt4754_division, 'previous_total' AS effect, emission_previous AS emission
FROM subject_change
UNION ALL
SELECT method, institution_id, gbt4754_division, 'exposure' AS effect, exposure_effect AS emission FROM subject_change
UNION ALL
SELECT method, institution_id, gbt4754_division, 'mix' AS effect, mix_effect AS emission FROM subject_change
UNION ALL
SELECT method, institution_id, gbt4754_division, 'denominator' AS effect, denominator_effect AS emission
FROM subject_change
UNION ALL
SELECT method, institution_id, gbt4754_division, 'intensity' AS effect, intensity_effect AS emission
FROM subject_change
UNION ALL
SELECT method, institution_id, gbt4754_division, 'activity' AS effect, activity_effect AS emission FROM subject_change
UNION ALL
SELECT method, institution_id, gbt4754_division, 'calculation' AS effect, calculation_effect AS emission
FROM subject_change
UNION ALL
SELECT method, institution_id, gbt4754_division, 'entry' AS effect, entry_effect AS emission FROM subject_change
UNION ALL
SELECT method, institution_id, gbt4754_division, 'exit' AS effect, exit_effect AS emission FROM subject_change
UNION ALL
SELECT method, institution_id, gbt4754_division, 'total' AS effect, emission FROM subject_change
-- step: result
SELECT
  method,
  institution_id,
  gbt4754_division,
  effect,
  count(*) AS subjects,
  sum(emission) AS emission
FROM effect
GROUP BY method, institution_id, gbt4754_division, effect
