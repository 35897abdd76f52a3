-- Facilitated emissions, deal by deal: facilitated amount / EVIC of a listed issuer, else / (equity + debt), negative
-- equity as none, else / total assets; full, and x the weight of the pack. Not on the balance sheet: these emissions are
-- never added to financed ones. A deal without data keeps its row and says what is missing.
-- Source: PCAF Standard Part B (2023), as described in public; pack pcaf_weights.
-- step: capital
SELECT uscc, value_or_capital AS denominator, capital_basis AS denominator_basis
FROM company_capital
WHERE NOT set_aside
-- step: joined
SELECT
  deal.deal_id,
  deal.institution_id,
  deal.uscc AS subject_id,
  deal.facilitated_amount AS amount,
  CASE WHEN capital.denominator > 0 THEN CAST(capital.denominator AS DECIMAL(24,6)) END AS denominator,
  CASE WHEN capital.denominator > 0 THEN capital.denominator_basis END AS denominator_basis,
  CASE WHEN capital.denominator > 0 THEN ratio(deal.facilitated_amount, capital.denominator) END AS share,
  CASE
    WHEN enterprise.uscc IS NULL THEN 'unknown_subject'
    WHEN choice.emission IS NULL THEN 'no_emission'
    WHEN coalesce(capital.denominator, 0) <= 0 THEN 'no_denominator'
    ELSE 'estimated'
  END AS status,
  choice.quality_score,
  choice.emission AS whole,
  choice.scope3 AS whole_scope3,
  CAST(weight.weight AS DOUBLE) AS weight
FROM facilitated_deal AS deal
LEFT JOIN enterprise ON enterprise.uscc = deal.uscc
LEFT JOIN capital ON capital.uscc = deal.uscc
LEFT JOIN entity_emission_choice AS choice
  ON choice.method = 'pcaf_2022' AND choice.subject_kind = 'entity' AND choice.subject_id = deal.uscc
CROSS JOIN pack_pcaf_weights AS weight
WHERE deal.year = :year AND weight.code = 'facilitated'
-- step: result
SELECT
  deal_id,
  institution_id,
  subject_id,
  amount,
  denominator,
  denominator_basis,
  share AS attribution_factor,
  status,
  CASE WHEN status = 'estimated' THEN CAST(quality_score AS DECIMAL(24,6)) END AS quality_score,
  CASE WHEN status = 'estimated' THEN as_quantity(CAST(whole AS DOUBLE) * share) END AS emission_full,
  weight,
  CASE WHEN status = 'estimated' THEN as_quantity(CAST(whole AS DOUBLE) * share * weight) END AS emission,
  CASE WHEN status = 'estimated' THEN as_quantity(CAST(whole_scope3 AS DOUBLE) * share * weight) END AS scope3
FROM joined
