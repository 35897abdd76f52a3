-- Financed emissions of securities, properties, vehicles and sovereign debt, position by position (PCAF 2022).
-- Securities: outstanding / EVIC for listed issuers, else / (equity + debt), negative equity as 0, else / total assets;
-- unlisted shares without an amount are the share held x equity. Without an estimate or a denominator of the issuer:
-- outstanding x factor of the division (3b or 3c, score 5). Properties: / value at origination, else the latest one.
-- Vehicles: / value at origination; the whole emission where it is not known. Sovereign debt: / PPP-adjusted GDP,
-- scope 1 without land use. A position without data keeps its row, with what is missing in `status`; attribution
-- factors above 1 are kept. Emission = scopes 1 and 2; scope 3 stands apart. A short position (negative amount) is told
-- and attributed nothing: it neither adds to the emission financed nor is it netted against what long positions finance.
-- Source: PCAF Standard Part A (2022), sections 5.1, 5.2, 5.4 to 5.7; pack pcaf_options.
-- step: capital
SELECT
  uscc,
  equity,
  CASE WHEN NOT set_aside THEN value_or_capital END AS denominator,
  capital_basis AS denominator_basis
FROM company_capital
-- step: security
SELECT
  position.position_id,
  CASE WHEN position.instrument = 'unlisted_equity' THEN 'business_loan' ELSE 'listed_equity_bond' END AS asset_class,
  position.institution_id,
  position.branch_code,
  position.uscc AS subject_id,
  enterprise.uscc IS NOT NULL AS known,
  substr(enterprise.industry_code, 1, 2) AS division,
  CASE
    WHEN position.outstanding_amount IS NOT NULL OR position.instrument <> 'unlisted_equity'
      THEN position.outstanding_amount
    WHEN capital.equity IS NOT NULL
      THEN as_money(CAST(capital.equity AS DOUBLE) * ratio(position.share_percent, 100))
  END AS outstanding_amount,
  CAST(CASE WHEN capital.denominator > 0 THEN capital.denominator END AS DOUBLE) AS denominator,
  CASE WHEN capital.denominator > 0 THEN capital.denominator_basis END AS denominator_basis
FROM security_position AS position
LEFT JOIN enterprise ON enterprise.uscc = position.uscc
LEFT JOIN capital ON capital.uscc = position.uscc
WHERE position.year = :year
-- step: security_way
SELECT
  security.position_id,
  security.asset_class,
  security.institution_id,
  security.branch_code,
  security.subject_id,
  security.known,
  security.division,
  security.outstanding_amount,
  security.denominator,
  security.denominator_basis,
  choice.calculation_method,
  choice.emission AS whole,
  choice.scope1 AS whole_scope1,
  choice.scope2 AS whole_scope2,
  choice.scope3 AS whole_scope3,
  choice.scope3_score,
  choice.intensity_division,
  factor.factor,
  factor.factor_scope1,
  CASE
    WHEN choice.emission IS NOT NULL AND security.denominator IS NOT NULL THEN choice.calculation_method
    WHEN factor.factor IS NOT NULL AND factor.basis = 'intensity_assets' THEN 'fallback_assets'
    WHEN factor.factor IS NOT NULL THEN 'fallback'
  END AS way
FROM security
LEFT JOIN entity_emission_choice AS choice
  ON choice.method = 'pcaf_2022' AND choice.subject_kind = 'entity' AND choice.subject_id = security.subject_id
LEFT JOIN sector_balance_factor AS factor ON factor.gbt4754_division = security.division
-- step: security_parts
SELECT
  asset_class,
  position_id,
  institution_id,
  branch_code,
  subject_id,
  known,
  division,
  outstanding_amount,
  CASE WHEN way NOT IN ('fallback', 'fallback_assets') THEN denominator END AS denominator,
  CASE WHEN way NOT IN ('fallback', 'fallback_assets') THEN denominator_basis END AS denominator_basis,
  way,
  CASE WHEN way IN ('fallback', 'fallback_assets') THEN division WHEN way = 'economic' THEN intensity_division END
    AS error_division,
  CASE WHEN way IN ('fallback', 'fallback_assets') THEN CAST(outstanding_amount AS DOUBLE)
    ELSE ratio(outstanding_amount, denominator) END AS share,
  CASE WHEN way IN ('fallback', 'fallback_assets') THEN factor_scope1 ELSE CAST(whole_scope1 AS DOUBLE) END AS one,
  CASE WHEN way IN ('fallback', 'fallback_assets') THEN factor - factor_scope1 ELSE CAST(whole_scope2 AS DOUBLE) END
    AS two,
  CASE WHEN way NOT IN ('fallback', 'fallback_assets') THEN
    CAST(whole - coalesce(whole_scope1, CAST(0 AS DECIMAL(24,6))) - coalesce(whole_scope2, CAST(0 AS DECIMAL(24,6)))
      AS DOUBLE) WHEN factor_scope1 IS NULL THEN factor END AS unsplit,
  CASE WHEN way NOT IN ('fallback', 'fallback_assets') THEN CAST(whole_scope3 AS DOUBLE) END AS three,
  scope3_score
FROM security_way
-- step: asset_best
SELECT
  estimate.position_id,
  estimate.quality_option,
  estimate.scope1,
  estimate.scope2,
  estimate.low_percent,
  estimate.high_percent,
  estimate.factor_key,
  options.score,
  row_number() OVER (PARTITION BY estimate.position_id ORDER BY options.score, estimate.quality_option) AS place
FROM asset_emission_estimate AS estimate
JOIN pack_pcaf_options AS options
  ON options.edition = 'pcaf_2022' AND options.asset_class = estimate.asset_class
  AND options.option = estimate.quality_option
-- step: value
SELECT
  loan_id,
  coalesce(value_at_origination, value_latest) AS value,
  CASE WHEN value_at_origination IS NOT NULL THEN 'value_at_origination' ELSE 'value_latest' END AS basis
FROM property_finance
UNION ALL
SELECT
  loan_id,
  value_at_origination AS value,
  'value_at_origination' AS basis
FROM vehicle_finance
-- step: asset
SELECT
  loan.loan_id,
  loan.asset_class,
  loan.institution_id,
  coalesce(named.branch_code, loan.branch_code, loan.branch_name) AS branch_code,
  balance.year_end_balance AS outstanding_amount,
  CAST(CASE WHEN value.value > 0 THEN value.value END AS DOUBLE) AS denominator,
  CASE
    WHEN value.value > 0 THEN value.basis
    WHEN loan.asset_class = 'motor_vehicle' THEN 'unknown_value'
  END AS denominator_basis,
  best.quality_option,
  best.scope1,
  best.scope2,
  best.low_percent,
  best.high_percent,
  best.factor_key,
  best.score,
  CASE
    WHEN value.value > 0 THEN ratio(balance.year_end_balance, value.value)
    WHEN loan.asset_class = 'motor_vehicle' AND balance.year_end_balance > 0 THEN CAST(1 AS DOUBLE)
    WHEN loan.asset_class = 'motor_vehicle' AND balance.year_end_balance = 0 THEN CAST(0 AS DOUBLE)
  END AS share
FROM loan
LEFT JOIN branch_code_of_name AS named
  ON named.institution_id = loan.institution_id AND named.branch_name = coalesce(loan.branch_code, loan.branch_name)
JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
LEFT JOIN value ON value.loan_id = loan.loan_id
LEFT JOIN asset_best AS best ON best.position_id = loan.loan_id AND best.place = 1
WHERE loan.asset_class IN ('commercial_real_estate', 'mortgage', 'motor_vehicle', 'sovereign')
  AND balance.balance_status <> 'after_year'
-- step: sovereign
SELECT
  position.position_id,
  position.institution_id,
  position.branch_code,
  position.country,
  position.outstanding_amount,
  CASE WHEN account.ppp_gdp > 0 AND account.cny_per_usd > 0 THEN account.ppp_gdp END AS denominator,
  account.option,
  options.score,
  account.scope1_excluding_land,
  account.scope1_including_land,
  account.scope2,
  account.scope3,
  CASE WHEN account.ppp_gdp > 0 THEN ratio(ratio(position.outstanding_amount, account.cny_per_usd), account.ppp_gdp)
    END AS share
FROM sovereign_position AS position
LEFT JOIN sovereign_account AS account ON account.country = position.country AND account.year = position.year
LEFT JOIN pack_pcaf_options AS options
  ON options.edition = 'pcaf_2022' AND options.asset_class = 'sovereign' AND options.option = account.option
WHERE position.year = :year
-- step: every
SELECT
  parts.asset_class, parts.position_id, parts.institution_id, parts.branch_code, parts.subject_id, parts.division,
  parts.outstanding_amount, parts.denominator, parts.denominator_basis, parts.share AS share_of_whole,
  CASE WHEN parts.way NOT IN ('fallback', 'fallback_assets') THEN parts.share END AS attribution_factor,
  CASE
    WHEN NOT parts.known THEN 'unknown_issuer'
    WHEN parts.outstanding_amount IS NULL THEN 'no_amount'
    WHEN parts.outstanding_amount < 0 THEN 'short'
    WHEN parts.way IS NULL THEN 'no_emission'
    ELSE 'estimated'
  END AS status,
  options.option AS quality_option, options.score,
  as_quantity(parts.one * parts.share) AS scope1, as_quantity(parts.two * parts.share) AS scope2,
  as_quantity(parts.unsplit * parts.share) AS scope_unsplit, as_quantity(parts.three * parts.share) AS scope3,
  parts.scope3_score,
  CAST(NULL AS DECIMAL(24,6)) AS scope1_with_land,
  CASE WHEN parts.error_division IS NOT NULL THEN 'division' ELSE 'not_known' END AS source_of_error,
  coalesce(parts.error_division, parts.way) AS error_code,
  CAST(NULL AS DOUBLE) AS low_percent, CAST(NULL AS DOUBLE) AS high_percent
FROM security_parts AS parts
LEFT JOIN pack_pcaf_options AS options
  ON options.edition = 'pcaf_2022' AND options.asset_class = parts.asset_class AND options.calculation = parts.way
UNION ALL
SELECT
  asset_class, loan_id AS position_id, institution_id, branch_code, loan_id AS subject_id, NULL AS division,
  outstanding_amount, denominator, denominator_basis, share AS share_of_whole, share AS attribution_factor,
  CASE
    WHEN outstanding_amount IS NULL THEN 'no_amount'
    WHEN outstanding_amount < 0 THEN 'short'
    WHEN quality_option IS NULL THEN 'no_emission'
    WHEN share IS NULL THEN 'no_value'
    ELSE 'estimated'
  END AS status,
  quality_option, score,
  as_quantity(CAST(scope1 AS DOUBLE) * share) AS scope1, as_quantity(CAST(scope2 AS DOUBLE) * share) AS scope2,
  CAST(NULL AS DECIMAL(24,6)) AS scope_unsplit, CAST(NULL AS DECIMAL(24,6)) AS scope3,
  CAST(NULL AS DECIMAL(4,2)) AS scope3_score,
  CAST(NULL AS DECIMAL(24,6)) AS scope1_with_land,
  CASE WHEN low_percent IS NOT NULL AND high_percent IS NOT NULL THEN 'factor' ELSE 'not_known' END
    AS source_of_error,
  coalesce(factor_key, quality_option) AS error_code,
  low_percent, high_percent
FROM asset
UNION ALL
SELECT
  'sovereign' AS asset_class, position_id, institution_id, branch_code, country AS subject_id, NULL AS division,
  outstanding_amount, denominator, CASE WHEN denominator IS NOT NULL THEN 'ppp_gdp' END AS denominator_basis,
  share AS share_of_whole, share AS attribution_factor,
  CASE
    WHEN outstanding_amount IS NULL THEN 'no_amount'
    WHEN outstanding_amount < 0 THEN 'short'
    WHEN scope1_excluding_land IS NULL THEN 'no_emission'
    WHEN denominator IS NULL OR share IS NULL THEN 'no_value'
    ELSE 'estimated'
  END AS status,
  option AS quality_option, score,
  as_quantity(CAST(scope1_excluding_land AS DOUBLE) * share) AS scope1,
  as_quantity(CAST(scope2 AS DOUBLE) * share) AS scope2,
  CAST(NULL AS DECIMAL(24,6)) AS scope_unsplit, as_quantity(CAST(scope3 AS DOUBLE) * share) AS scope3,
  CAST(score AS DECIMAL(4,2)) AS scope3_score,
  as_quantity(CAST(scope1_including_land AS DOUBLE) * share) AS scope1_with_land,
  'not_known' AS source_of_error, option AS error_code,
  CAST(NULL AS DOUBLE) AS low_percent, CAST(NULL AS DOUBLE) AS high_percent
FROM sovereign
-- step: result
SELECT
  asset_class,
  position_id,
  institution_id,
  branch_code,
  subject_id,
  division AS gbt4754_division,
  outstanding_amount,
  denominator,
  denominator_basis,
  attribution_factor,
  status,
  CASE WHEN status = 'estimated' THEN quality_option END AS quality_option,
  CASE WHEN status = 'estimated' THEN CAST(score AS DECIMAL(24,6)) END AS quality_score,
  CASE WHEN status = 'estimated' THEN coalesce(scope1, CAST(0 AS DECIMAL(24,6)))
    + coalesce(scope2, CAST(0 AS DECIMAL(24,6))) + coalesce(scope_unsplit, CAST(0 AS DECIMAL(24,6))) END AS emission,
  CASE WHEN status = 'estimated' THEN scope1 END AS scope1,
  CASE WHEN status = 'estimated' THEN scope2 END AS scope2,
  CASE WHEN status = 'estimated' THEN scope_unsplit END AS scope_unsplit,
  CASE WHEN status = 'estimated' THEN scope3 END AS scope3,
  CASE WHEN status = 'estimated' AND scope3 IS NOT NULL THEN CAST(scope3_score AS DECIMAL(24,6)) END AS scope3_score,
  CASE WHEN status = 'estimated' THEN scope1_with_land END AS scope1_with_land,
  CASE WHEN status = 'estimated' THEN source_of_error END AS source_of_error,
  CASE WHEN status = 'estimated' THEN error_code END AS error_code,
  CASE WHEN status = 'estimated' THEN low_percent END AS low_percent,
  CASE WHEN status = 'estimated' THEN high_percent END AS high_percent
FROM every
