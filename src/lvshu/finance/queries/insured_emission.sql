-- Insurance-associated emissions, policy by policy. Commercial lines: premium / revenue of the insured x its emission.
-- Personal motor: premium / yearly cost of owning the vehicle x the vehicle's emission, both given by the user. Never
-- added to financed emissions. A policy without data keeps its row and says what is missing.
-- Source: PCAF Standard Part C (2022), commercial lines and personal motor, as described in public.
-- step: joined
SELECT
  policy.policy_id,
  policy.institution_id,
  policy.line,
  policy.uscc AS subject_id,
  policy.premium AS amount,
  CASE
    WHEN policy.line = 'commercial' AND money.main_business_revenue > 0
      THEN CAST(money.main_business_revenue AS DECIMAL(24,6))
    WHEN policy.line = 'personal_motor' AND policy.ownership_cost > 0 THEN CAST(policy.ownership_cost AS DECIMAL(24,6))
  END AS denominator,
  CASE policy.line WHEN 'commercial' THEN 'main_business_revenue' ELSE 'ownership_cost' END AS denominator_basis,
  CASE policy.line WHEN 'commercial' THEN choice.emission ELSE policy.vehicle_emission END AS whole,
  CASE WHEN policy.line = 'commercial' THEN choice.scope3 END AS whole_scope3,
  CASE policy.line WHEN 'commercial' THEN CAST(choice.quality_score AS DECIMAL(24,6)) ELSE policy.vehicle_score END
    AS quality_score,
  policy.line = 'commercial' AND enterprise.uscc IS NULL AS unknown
FROM insurance_policy AS policy
LEFT JOIN enterprise ON enterprise.uscc = policy.uscc
LEFT JOIN enterprise_finance AS money ON money.uscc = policy.uscc AND money.year = :year
LEFT JOIN entity_emission_choice AS choice
  ON choice.method = 'pcaf_2022' AND choice.subject_kind = 'entity' AND choice.subject_id = policy.uscc
WHERE policy.year = :year
-- step: judged
SELECT
  policy_id,
  institution_id,
  line,
  subject_id,
  amount,
  denominator,
  CASE WHEN denominator IS NOT NULL THEN denominator_basis END AS denominator_basis,
  ratio(amount, denominator) AS share,
  CASE
    WHEN unknown THEN 'unknown_subject'
    WHEN whole IS NULL THEN 'no_emission'
    WHEN denominator IS NULL THEN 'no_denominator'
    ELSE 'estimated'
  END AS status,
  quality_score,
  whole,
  whole_scope3
FROM joined
-- step: result
SELECT
  policy_id,
  institution_id,
  subject_id,
  amount,
  denominator,
  denominator_basis,
  share AS attribution_factor,
  status,
  CASE WHEN status = 'estimated' THEN quality_score END AS quality_score,
  line,
  CASE WHEN status = 'estimated' THEN as_quantity(CAST(whole AS DOUBLE) * share) END AS emission,
  CASE WHEN status = 'estimated' THEN as_quantity(CAST(whole_scope3 AS DOUBLE) * share) END AS scope3
FROM judged
