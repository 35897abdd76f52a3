-- What each loan in scope finances of its borrower's or project's emission, under each accounting method.
-- emission = entity emission x exposure / denominator; the denominator is that of the method. A loan to a project whose
-- emission or cost is not known is counted with its borrower, where the method says so (project_without_data); so are
-- project loans without a record of the project: account_type tells the three kinds apart. Where the entity
-- has no estimate or no denominator, emission = exposure x factor of the division (fallback, whole attribution).
-- So it is where the institution's own ledger contradicts the statement that the denominator is of
-- (contradicted_statement); what that statement would have given is shown beside it. Loans of other institutions keep
-- the statement. Other attribution factors above 1 are kept. Scopes are rounded each; the emission is the sum of what is shown.
-- An industry that neither the register nor a purpose states may be found from text (coded_industry): industry_found_by
-- says so of each loan whose estimate rests on it.
-- Source: bank guide 2026, trial guide 2021, PCAF (2022) chapter 5; denominators from pack finance_methods.
-- step: project_capital
SELECT
  project_id,
  CAST(total_investment AS DECIMAL(24,3)) AS total_investment,
  CAST(CASE WHEN project_equity < 0 THEN CAST(0 AS DECIMAL(20,2)) ELSE project_equity END + project_debt
    AS DECIMAL(24,3)) AS equity_plus_debt
FROM project
-- step: company
SELECT
  uscc,
  CAST(average_total_assets AS DECIMAL(24,3)) AS average_total_assets,
  assets_basis,
  CAST(main_business_revenue AS DECIMAL(24,3)) AS main_business_revenue,
  CAST(value_or_capital AS DECIMAL(24,3)) AS value_or_capital,
  capital_basis
FROM company_capital
-- step: counted_project
SELECT choice.method, choice.subject_id AS project_id
FROM entity_emission_choice AS choice
JOIN project_capital AS capital ON choice.subject_kind = 'project' AND capital.project_id = choice.subject_id
JOIN pack_finance_methods AS method ON method.code = choice.method
WHERE CASE WHEN method.project_denominator = 'total_investment' THEN capital.total_investment
  ELSE capital.equity_plus_debt END > 0
-- step: project_loan
SELECT
  loan.loan_id,
  method.code AS method,
  loan.uscc,
  CASE
    WHEN loan.subject_kind = 'entity' THEN true
    WHEN loan.uscc IS NULL OR doubt.subject_id IS NOT NULL OR counted.project_id IS NOT NULL THEN false
    ELSE coalesce(method.project_without_data, 'none') = 'borrower'
  END AS by_borrower
FROM loan_subject AS loan
CROSS JOIN pack_finance_methods AS method
LEFT JOIN counted_project AS counted ON counted.method = method.code AND counted.project_id = loan.subject_id
LEFT JOIN contradicted_statement AS doubt
  ON doubt.subject_kind = 'project' AND loan.subject_kind = 'project' AND doubt.subject_id = loan.subject_id
  AND doubt.institution_id = loan.institution_id AND doubt.treatment = 'set_aside'
WHERE loan.business_type IN ('project', 'project_as_non_project')
-- step: covered
SELECT
  scope.loan_id,
  scope.method,
  scope.institution_id,
  scope.branch_code,
  CASE
    WHEN project.loan_id IS NULL THEN 'non_project'
    WHEN project.by_borrower THEN 'project_as_non_project'
    ELSE 'project'
  END AS account_type,
  CASE WHEN project.by_borrower THEN 'entity' ELSE scope.subject_kind END AS subject_kind,
  CASE WHEN project.by_borrower THEN project.uscc ELSE scope.subject_id END AS subject_id,
  scope.sector_code,
  substr(scope.sector_code, 1, 2) AS division,
  scope.industry_group,
  scope.exposure,
  scope.exposure_rule,
  scope.outstanding_amount
FROM loan_scope AS scope
LEFT JOIN project_loan AS project ON project.loan_id = scope.loan_id AND project.method = scope.method
WHERE scope.scope_status = 'in'
-- step: measured
SELECT
  scope.loan_id,
  scope.method,
  scope.institution_id,
  scope.branch_code,
  scope.account_type,
  scope.subject_kind,
  scope.subject_id,
  scope.sector_code,
  scope.division,
  scope.industry_group,
  scope.exposure,
  scope.exposure_rule,
  scope.outstanding_amount,
  CASE
    WHEN scope.subject_kind = 'project' AND method.project_denominator = 'total_investment'
      THEN project.total_investment
    WHEN scope.subject_kind = 'project' THEN project.equity_plus_debt
    WHEN method.non_project_denominator = 'average_total_assets' THEN capital.average_total_assets
    WHEN method.non_project_denominator = 'main_business_revenue' THEN capital.main_business_revenue
    ELSE capital.value_or_capital
  END AS denominator,
  CASE
    WHEN scope.subject_kind = 'project' THEN method.project_denominator
    WHEN method.non_project_denominator = 'average_total_assets' THEN capital.assets_basis
    WHEN method.non_project_denominator = 'main_business_revenue' THEN 'main_business_revenue'
    ELSE capital.capital_basis
  END AS denominator_basis,
  doubt.subject_id IS NOT NULL AS set_aside
FROM covered AS scope
JOIN pack_finance_methods AS method ON method.code = scope.method
LEFT JOIN company AS capital ON scope.subject_kind = 'entity' AND capital.uscc = scope.subject_id
LEFT JOIN project_capital AS project ON scope.subject_kind = 'project' AND project.project_id = scope.subject_id
LEFT JOIN contradicted_statement AS doubt
  ON doubt.subject_kind = scope.subject_kind AND doubt.subject_id = scope.subject_id
  AND doubt.institution_id = scope.institution_id AND doubt.treatment = 'set_aside'
-- step: doubted
SELECT DISTINCT subject_kind, subject_id
FROM contradicted_statement
WHERE treatment = 'set_aside'
-- step: all_estimates
SELECT
  score.method,
  estimate.subject_kind,
  estimate.subject_id,
  estimate.calculation,
  CAST(score.score AS DECIMAL(4,2)) AS quality_score,
  estimate.emission,
  estimate.scope1,
  estimate.scope2,
  estimate.intensity_division,
  row_number() OVER (
    PARTITION BY score.method, estimate.subject_kind, estimate.subject_id
    ORDER BY CASE WHEN estimate.incomplete THEN 1 ELSE 0 END, score.priority, estimate.calculation
  ) AS place
FROM entity_emission_estimate AS estimate
JOIN doubted AS doubt
  ON doubt.subject_kind = estimate.subject_kind AND doubt.subject_id = estimate.subject_id
JOIN pack_finance_quality_scores AS score ON score.calculation = estimate.calculation
-- step: last_resort
SELECT method, calculation, score FROM pack_finance_quality_scores WHERE calculation = 'fallback'
-- step: chosen
SELECT
  measured.loan_id,
  measured.method,
  measured.institution_id,
  measured.branch_code,
  measured.account_type,
  measured.subject_kind,
  measured.subject_id,
  measured.sector_code,
  measured.division,
  measured.industry_group,
  measured.exposure,
  measured.exposure_rule,
  measured.outstanding_amount,
  CASE WHEN measured.denominator > 0 THEN measured.denominator END AS denominator,
  measured.denominator_basis,
  CASE WHEN whole.place = 1 AND NOT measured.set_aside THEN whole.calculation ELSE choice.calculation_method END
    AS calculation_method,
  CASE WHEN whole.place = 1 AND NOT measured.set_aside THEN whole.quality_score ELSE choice.quality_score END
    AS quality_score,
  CASE WHEN whole.place = 1 AND NOT measured.set_aside THEN whole.emission ELSE choice.emission END AS entity_emission,
  CASE WHEN whole.place = 1 AND NOT measured.set_aside THEN whole.scope1 ELSE choice.scope1 END AS entity_scope1,
  CASE WHEN whole.place = 1 AND NOT measured.set_aside THEN whole.scope2 ELSE choice.scope2 END AS entity_scope2,
  choice.scope3 AS entity_scope3,
  choice.scope3_score,
  CASE WHEN whole.place = 1 AND NOT measured.set_aside THEN whole.intensity_division ELSE choice.intensity_division END
    AS intensity_division,
  coded.found_by,
  measured.division IS NULL AS industry_not_stated,
  factor.gbt4754_division AS fallback_division,
  factor.factor,
  factor.factor_scope1,
  factor.basis AS factor_basis,
  CAST(fallback.score AS DECIMAL(4,2)) AS fallback_score,
  CASE WHEN measured.set_aside AND measured.denominator > 0 THEN whole.emission END AS emission_set_aside,
  CASE
    WHEN NOT measured.set_aside AND whole.emission IS NOT NULL AND measured.denominator > 0 THEN whole.calculation
    WHEN NOT measured.set_aside AND choice.emission IS NOT NULL AND measured.denominator > 0 THEN choice.calculation_method
    WHEN factor.factor IS NOT NULL AND fallback.calculation IS NOT NULL THEN 'fallback'
    ELSE 'none'
  END AS way
FROM measured
LEFT JOIN entity_emission_choice AS choice
  ON choice.method = measured.method AND choice.subject_kind = measured.subject_kind
  AND choice.subject_id = measured.subject_id
LEFT JOIN all_estimates AS whole
  ON whole.method = measured.method AND whole.subject_kind = measured.subject_kind
  AND whole.subject_id = measured.subject_id AND whole.place = 1
LEFT JOIN coded_industry AS coded ON measured.subject_kind = 'entity' AND coded.uscc = measured.subject_id
LEFT JOIN sector_balance_factor AS factor
  ON factor.gbt4754_division = coalesce(measured.division, substr(coded.industry_code, 1, 2))
LEFT JOIN last_resort AS fallback ON fallback.method = measured.method
-- step: shared
SELECT
  loan_id,
  method,
  institution_id,
  branch_code,
  account_type,
  subject_kind,
  subject_id,
  sector_code,
  division,
  industry_group,
  exposure,
  exposure_rule,
  outstanding_amount,
  way,
  CASE WHEN way = 'fallback' THEN fallback_score WHEN way <> 'none' THEN quality_score END AS quality_score,
  CASE WHEN way NOT IN ('fallback', 'none') THEN entity_emission END AS entity_emission,
  CASE WHEN way NOT IN ('fallback', 'none') THEN denominator END AS denominator,
  CASE WHEN way = 'fallback' THEN factor_basis WHEN way <> 'none' THEN denominator_basis END AS denominator_basis,
  CASE WHEN way NOT IN ('fallback', 'none') THEN ratio(exposure, denominator) END AS attribution_factor,
  CASE WHEN way = 'fallback' THEN fallback_division WHEN way = 'economic' THEN intensity_division END
    AS intensity_division,
  CASE WHEN way = 'economic' OR (way = 'fallback' AND industry_not_stated) THEN found_by END AS industry_found_by,
  CASE WHEN way = 'fallback' THEN CAST(exposure AS DOUBLE) WHEN way <> 'none' THEN ratio(exposure, denominator) END
    AS share,
  CASE WHEN way = 'fallback' THEN factor_scope1 ELSE CAST(entity_scope1 AS DOUBLE) END AS whole_scope1,
  CASE WHEN way = 'fallback' THEN factor - factor_scope1 ELSE CAST(entity_scope2 AS DOUBLE) END AS whole_scope2,
  CASE WHEN way <> 'fallback' THEN
    CAST(
      entity_emission - coalesce(entity_scope1, CAST(0 AS DECIMAL(24,6)))
      - coalesce(entity_scope2, CAST(0 AS DECIMAL(24,6))) AS DOUBLE
    ) WHEN factor_scope1 IS NULL THEN factor END AS whole_unsplit,
  CASE WHEN way NOT IN ('fallback', 'none') THEN CAST(entity_scope3 AS DOUBLE) END AS whole_scope3,
  scope3_score,
  CAST(emission_set_aside AS DOUBLE) AS whole_set_aside,
  ratio(exposure, denominator) AS share_of_statement
FROM chosen
-- step: multiplied
SELECT
  loan_id,
  method,
  institution_id,
  branch_code,
  account_type,
  subject_kind,
  subject_id,
  sector_code,
  division,
  industry_group,
  exposure,
  exposure_rule,
  outstanding_amount,
  way,
  quality_score,
  entity_emission,
  denominator,
  denominator_basis,
  attribution_factor,
  intensity_division,
  industry_found_by,
  scope3_score,
  whole_scope1 * share AS share_scope1,
  whole_scope2 * share AS share_scope2,
  whole_unsplit * share AS share_unsplit,
  whole_scope3 * share AS share_scope3,
  whole_set_aside * share_of_statement AS share_set_aside
FROM shared
-- step: part
SELECT
  loan_id,
  method,
  institution_id,
  branch_code,
  account_type,
  subject_kind,
  subject_id,
  sector_code,
  division,
  industry_group,
  exposure,
  exposure_rule,
  outstanding_amount,
  way,
  quality_score,
  entity_emission,
  denominator,
  denominator_basis,
  attribution_factor,
  intensity_division,
  industry_found_by,
  scope3_score,
  CASE WHEN share_scope1 IS NOT NULL THEN as_quantity(share_scope1) END AS scope1,
  CASE WHEN share_scope2 IS NOT NULL THEN as_quantity(share_scope2) END AS scope2,
  CASE WHEN share_unsplit = 0 THEN CAST(0 AS DECIMAL(24,6))
    WHEN share_unsplit IS NOT NULL THEN as_quantity(share_unsplit) END AS scope_unsplit,
  CASE WHEN share_scope3 IS NOT NULL THEN as_quantity(share_scope3) END AS scope3,
  CASE WHEN share_set_aside IS NOT NULL THEN as_quantity(share_set_aside) END AS emission_by_statement
FROM multiplied
-- step: result
SELECT
  loan_id,
  method,
  institution_id,
  branch_code,
  account_type,
  subject_kind,
  subject_id,
  sector_code,
  division AS gbt4754_division,
  industry_group,
  exposure,
  exposure_rule,
  outstanding_amount,
  way AS calculation_method,
  quality_score,
  entity_emission,
  denominator,
  denominator_basis,
  attribution_factor,
  intensity_division,
  industry_found_by,
  CASE WHEN way <> 'none'
    THEN coalesce(scope1, CAST(0 AS DECIMAL(24,6))) + coalesce(scope2, CAST(0 AS DECIMAL(24,6)))
      + coalesce(scope_unsplit, CAST(0 AS DECIMAL(24,6))) END AS emission,
  scope1,
  scope2,
  scope_unsplit,
  scope3,
  CASE WHEN scope3 IS NOT NULL THEN scope3_score END AS scope3_score,
  emission_by_statement
FROM part
