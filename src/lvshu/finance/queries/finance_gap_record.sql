-- The gap ledger, record by record: which rule filled which gap, and what the rule adds to the total of its method.
-- Effects: filled month-ends: the part of the emission that rests on them; fallback: the emission itself, against
-- leaving the loans out (so for project loans counted with the borrower); factors above 1: what a cap at 1 would take
-- away; projects of which all institutions together have more than the whole: none (which share is wrong is not known, and an
-- effect would tell one institution the others' share); statements set aside: against using them; lines of energy without a factor: not known.
-- Loans left out (unknown borrower or industry, nothing to estimate with): minus the balance x the average emission
-- per yuan of the institution's estimated loans under the method, marked as estimated. Ranked by size in each method.
-- Figures that suspected_unit doubts, and a client that makes more than half of an institution's total: used as they are,
-- with the emission that rests on them; what the right figure would change is not known. Loans whose doubted balance is
-- below the minimum of the method are left out for it: told, without an effect.
-- An emission more than :times times the estimate by the intensity of its sector, or below it by as much: used as it is;
-- against that estimate in its place, estimated. Where another figure was used it has no effect, and no row.
-- Reports of CO2 alone are used as a lower bound of CO2 equivalent; what the other gases add is not known.
-- Source: tables of the finance wing; the comparison of each rule is stated here.
-- step: average
SELECT
  method,
  institution_id,
  ratio(sum(emission), sum(CASE WHEN emission IS NOT NULL THEN exposure END)) AS per_yuan
FROM attributed_emission
GROUP BY method, institution_id
-- step: filled
SELECT
  'balance_filled' AS code,
  attributed.method,
  attributed.institution_id,
  'loan' AS record_kind,
  attributed.loan_id AS record_id,
  'nearest_month_end' AS rule,
  attributed.outstanding_amount,
  attributed.emission,
  CASE
    WHEN attributed.exposure_rule = 'year_end' THEN attributed.emission
    ELSE as_quantity(CAST(attributed.emission AS DOUBLE) * ratio(balance.filled_sum, balance.balance_sum))
  END AS effect,
  'exact' AS effect_kind
FROM attributed_emission AS attributed
JOIN loan_average_balance AS balance ON balance.loan_id = attributed.loan_id
WHERE balance.balance_status = 'filled'
  AND CASE WHEN attributed.exposure_rule = 'year_end' THEN balance.year_end_filled ELSE balance.filled_sum > 0 END
-- step: unknown
SELECT
  scope.reason AS code,
  scope.method,
  scope.institution_id,
  'loan' AS record_kind,
  scope.loan_id AS record_id,
  'left_out' AS rule,
  scope.outstanding_amount,
  CAST(NULL AS DECIMAL(24,6)) AS emission,
  -as_quantity(CAST(scope.exposure AS DOUBLE) * average.per_yuan) AS effect,
  CASE WHEN scope.exposure IS NULL OR average.per_yuan IS NULL THEN 'none' ELSE 'estimated' END AS effect_kind
FROM loan_scope AS scope
LEFT JOIN average ON average.method = scope.method AND average.institution_id = scope.institution_id
WHERE scope.scope_status = 'unknown'
-- step: over_attributed
SELECT
  'project_over_attributed' AS code,
  method,
  institution_id,
  'project' AS record_kind,
  project_id AS record_id,
  'kept_above_whole' AS rule,
  loans,
  outstanding_amount,
  emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect,
  'none' AS effect_kind
FROM project_over_attributed
-- step: lacking
SELECT subject_kind, subject_id
FROM entity_emission_estimate
WHERE calculation = 'energy' AND process_missing
-- step: judged
SELECT
  attributed.method,
  attributed.institution_id,
  attributed.subject_kind,
  coalesce(attributed.subject_id, attributed.loan_id) AS subject_id,
  attributed.exposure,
  attributed.outstanding_amount,
  attributed.emission,
  attributed.emission_by_statement,
  attributed.attribution_factor,
  CASE
    WHEN attributed.emission_by_statement IS NOT NULL THEN 'statement_contradicted'
    WHEN attributed.calculation_method = 'none' THEN 'not_estimated'
    WHEN attributed.calculation_method = 'fallback' AND choice.method IS NULL THEN 'no_entity_estimate'
    WHEN attributed.calculation_method = 'fallback' THEN 'no_denominator'
    WHEN attributed.account_type = 'project_as_non_project' THEN 'project_without_data'
    WHEN attributed.attribution_factor > 1 THEN 'attribution_above_one'
    WHEN attributed.denominator_basis IN ('total_assets_begin_only', 'total_assets_end_only') THEN 'one_end_of_assets'
    WHEN choice.incomplete AND attributed.calculation_method = choice.calculation_method THEN 'energy_incomplete'
    WHEN attributed.calculation_method = 'energy' AND lacking.subject_id IS NOT NULL THEN 'process_missing'
  END AS code
FROM attributed_emission AS attributed
LEFT JOIN entity_emission_choice AS choice
  ON choice.method = attributed.method AND choice.subject_kind = attributed.subject_kind
  AND choice.subject_id = attributed.subject_id
LEFT JOIN lacking ON lacking.subject_kind = attributed.subject_kind AND lacking.subject_id = attributed.subject_id
WHERE attributed.calculation_method IN ('fallback', 'none') OR attributed.attribution_factor > 1
  OR attributed.emission_by_statement IS NOT NULL
  OR attributed.account_type = 'project_as_non_project'
  OR (attributed.calculation_method = 'energy' AND (lacking.subject_id IS NOT NULL OR choice.incomplete))
  OR attributed.denominator_basis IN ('total_assets_begin_only', 'total_assets_end_only')
-- step: by_subject
SELECT
  judged.code,
  judged.method,
  judged.institution_id,
  judged.subject_kind AS record_kind,
  judged.subject_id AS record_id,
  CASE judged.code
    WHEN 'statement_contradicted' THEN 'statement_set_aside'
    WHEN 'not_estimated' THEN 'left_out'
    WHEN 'attribution_above_one' THEN 'kept_above_one'
    WHEN 'one_end_of_assets' THEN 'one_end_for_both'
    WHEN 'project_without_data' THEN 'counted_with_borrower'
    WHEN 'process_missing' THEN 'energy_without_process'
    WHEN 'energy_incomplete' THEN 'energy_without_line'
    ELSE 'balance_times_sector_factor'
  END AS rule,
  count(*) AS loans,
  sum(judged.outstanding_amount) AS outstanding_amount,
  sum(judged.emission) AS emission,
  sum(CASE
    WHEN judged.code = 'statement_contradicted'
      THEN coalesce(judged.emission, CAST(0 AS DECIMAL(24,6))) - judged.emission_by_statement
    WHEN judged.code = 'not_estimated' THEN -as_quantity(CAST(judged.exposure AS DOUBLE) * average.per_yuan)
    WHEN judged.code = 'attribution_above_one'
      THEN judged.emission - as_quantity(ratio(judged.emission, judged.attribution_factor))
    WHEN judged.code IN ('no_entity_estimate', 'no_denominator', 'project_without_data') THEN judged.emission
  END) AS effect,
  CASE
    WHEN judged.code IN ('one_end_of_assets', 'process_missing', 'energy_incomplete') THEN 'none'
    WHEN judged.code = 'not_estimated' THEN CASE WHEN count(average.per_yuan) = 0 THEN 'none' ELSE 'estimated' END
    ELSE 'exact'
  END AS effect_kind
FROM judged
LEFT JOIN average ON average.method = judged.method AND average.institution_id = judged.institution_id
GROUP BY judged.code, judged.method, judged.institution_id, judged.subject_kind, judged.subject_id
-- step: doubted_subject
SELECT DISTINCT record_id AS subject_id
FROM suspected_unit
WHERE kind IN ('statement', 'reported_emission', 'energy_return', 'project_investment')
UNION
SELECT DISTINCT made.subject_id
FROM suspected_unit AS doubt
JOIN entity_process_emission AS made ON doubt.record_id = concat(made.subject_id, ' | ', made.process_code)
WHERE doubt.kind = 'process_return'
-- step: doubted_loan
SELECT DISTINCT record_id AS loan_id FROM suspected_unit WHERE kind = 'loan_balance'
UNION
SELECT DISTINCT loan.loan_id
FROM suspected_unit AS doubt
JOIN loan_subject AS loan ON doubt.record_id = concat(loan.institution_id, ' | ', coalesce(loan.branch_code, 'none'))
WHERE doubt.kind = 'branch_balance'
-- step: doubted
SELECT
  'figure_suspected' AS code,
  attributed.method,
  attributed.institution_id,
  attributed.subject_kind AS record_kind,
  coalesce(attributed.subject_id, attributed.loan_id) AS record_id,
  'used_as_is' AS rule,
  count(*) AS loans,
  sum(attributed.outstanding_amount) AS outstanding_amount,
  sum(attributed.emission) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect,
  'none' AS effect_kind
FROM attributed_emission AS attributed
LEFT JOIN doubted_subject ON doubted_subject.subject_id = attributed.subject_id
LEFT JOIN doubted_loan ON doubted_loan.loan_id = attributed.loan_id
WHERE attributed.emission IS NOT NULL AND (doubted_subject.subject_id IS NOT NULL OR doubted_loan.loan_id IS NOT NULL)
GROUP BY attributed.method, attributed.institution_id, attributed.subject_kind,
  coalesce(attributed.subject_id, attributed.loan_id)
-- step: left_out_on_doubt
SELECT
  'excluded_on_suspected' AS code,
  scope.method,
  scope.institution_id,
  'loan' AS record_kind,
  scope.loan_id AS record_id,
  'left_out' AS rule,
  scope.outstanding_amount,
  CAST(NULL AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect,
  'none' AS effect_kind
FROM doubted_loan
JOIN loan_scope AS scope ON scope.loan_id = doubted_loan.loan_id AND scope.reason = 'below_minimum_balance'
-- step: of_one
SELECT
  method,
  institution_id,
  subject_kind,
  subject_id,
  count(*) AS loans,
  sum(outstanding_amount) AS outstanding_amount,
  sum(emission) AS emission
FROM attributed_emission
WHERE emission IS NOT NULL AND subject_id IS NOT NULL
GROUP BY method, institution_id, subject_kind, subject_id
-- step: of_all
SELECT method, institution_id, sum(emission) AS emission, count(DISTINCT subject_id) AS subjects
FROM attributed_emission
WHERE emission IS NOT NULL
GROUP BY method, institution_id
-- step: dominating
SELECT
  'subject_dominates' AS code,
  of_one.method,
  of_one.institution_id,
  of_one.subject_kind AS record_kind,
  of_one.subject_id AS record_id,
  'used_as_is' AS rule,
  of_one.loans,
  of_one.outstanding_amount,
  of_one.emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect,
  'none' AS effect_kind
FROM of_one
JOIN of_all ON of_all.method = of_one.method AND of_all.institution_id = of_one.institution_id
WHERE of_all.subjects > 2 AND 2 * of_one.emission > of_all.emission
-- step: implausible
SELECT own.subject_kind, own.subject_id, own.calculation, own.emission, economic.emission AS by_sector
FROM entity_emission_estimate AS economic
JOIN entity_emission_estimate AS own
  ON own.subject_kind = economic.subject_kind AND own.subject_id = economic.subject_id
  AND own.calculation <> 'economic' AND own.emission > 0
WHERE economic.calculation = 'economic' AND economic.emission > 0 AND NOT economic.set_aside
  AND (ratio(own.emission, economic.emission) > :times OR ratio(economic.emission, own.emission) > :times)
-- step: unlike_sector
SELECT
  'implausible_emission' AS code,
  attributed.method,
  attributed.institution_id,
  attributed.subject_kind AS record_kind,
  attributed.subject_id AS record_id,
  'used_as_is' AS rule,
  count(*) AS loans,
  sum(attributed.outstanding_amount) AS outstanding_amount,
  sum(attributed.emission) AS emission,
  sum(attributed.emission
    - as_quantity(CAST(attributed.emission AS DOUBLE) * ratio(implausible.by_sector, implausible.emission))) AS effect,
  'estimated' AS effect_kind
FROM implausible
JOIN attributed_emission AS attributed
  ON attributed.subject_kind = implausible.subject_kind AND attributed.subject_id = implausible.subject_id
  AND attributed.calculation_method = implausible.calculation
GROUP BY attributed.method, attributed.institution_id, attributed.subject_kind, attributed.subject_id
-- step: one_gas
SELECT
  'co2_alone' AS code,
  attributed.method,
  attributed.institution_id,
  attributed.subject_kind AS record_kind,
  attributed.subject_id AS record_id,
  'lower_bound' AS rule,
  count(*) AS loans,
  sum(attributed.outstanding_amount) AS outstanding_amount,
  sum(attributed.emission) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect,
  'none' AS effect_kind
FROM attributed_emission AS attributed
JOIN entity_emission_choice AS choice
  ON choice.method = attributed.method AND choice.subject_kind = attributed.subject_kind
  AND choice.subject_id = attributed.subject_id
WHERE choice.co2_alone AND choice.calculation_method = attributed.calculation_method
GROUP BY attributed.method, attributed.institution_id, attributed.subject_kind, attributed.subject_id
-- step: every
SELECT
  code, method, institution_id, record_kind, record_id, rule, CAST(1 AS BIGINT) AS loans,
  CAST(outstanding_amount AS DECIMAL(24,6)) AS outstanding_amount, emission, effect, effect_kind
FROM filled
UNION ALL
SELECT
  code, method, institution_id, record_kind, record_id, rule, CAST(1 AS BIGINT) AS loans,
  CAST(outstanding_amount AS DECIMAL(24,6)) AS outstanding_amount, emission, effect, effect_kind
FROM unknown
UNION ALL
SELECT
  code, method, institution_id, record_kind, record_id, rule, CAST(1 AS BIGINT) AS loans,
  CAST(outstanding_amount AS DECIMAL(24,6)) AS outstanding_amount, emission, effect, effect_kind
FROM left_out_on_doubt
UNION ALL
SELECT
  code, method, institution_id, record_kind, record_id, rule, CAST(loans AS BIGINT) AS loans,
  CAST(outstanding_amount AS DECIMAL(24,6)) AS outstanding_amount, CAST(emission AS DECIMAL(24,6)) AS emission,
  CAST(effect AS DECIMAL(24,6)) AS effect, effect_kind
FROM by_subject
UNION ALL
SELECT
  code, method, institution_id, record_kind, record_id, rule, CAST(loans AS BIGINT) AS loans,
  outstanding_amount, emission, CAST(effect AS DECIMAL(24,6)) AS effect, effect_kind
FROM over_attributed
UNION ALL
SELECT
  code, method, institution_id, record_kind, record_id, rule, CAST(loans AS BIGINT) AS loans,
  CAST(outstanding_amount AS DECIMAL(24,6)) AS outstanding_amount, CAST(emission AS DECIMAL(24,6)) AS emission,
  effect, effect_kind
FROM doubted
UNION ALL
SELECT
  code, method, institution_id, record_kind, record_id, rule, CAST(loans AS BIGINT) AS loans,
  CAST(outstanding_amount AS DECIMAL(24,6)) AS outstanding_amount, CAST(emission AS DECIMAL(24,6)) AS emission,
  effect, effect_kind
FROM dominating
UNION ALL
SELECT
  code, method, institution_id, record_kind, record_id, rule, CAST(loans AS BIGINT) AS loans,
  CAST(outstanding_amount AS DECIMAL(24,6)) AS outstanding_amount, CAST(emission AS DECIMAL(24,6)) AS emission,
  CAST(effect AS DECIMAL(24,6)) AS effect, effect_kind
FROM unlike_sector
UNION ALL
SELECT
  code, method, institution_id, record_kind, record_id, rule, CAST(loans AS BIGINT) AS loans,
  CAST(outstanding_amount AS DECIMAL(24,6)) AS outstanding_amount, CAST(emission AS DECIMAL(24,6)) AS emission,
  effect, effect_kind
FROM one_gas
-- step: result
SELECT
  method,
  code,
  institution_id,
  record_kind,
  record_id,
  rule,
  loans,
  outstanding_amount,
  emission,
  effect,
  effect_kind,
  row_number() OVER (
    PARTITION BY method
    ORDER BY coalesce(abs(effect), CAST(-1 AS DECIMAL(24,6))) DESC, code, institution_id, record_kind, record_id
  ) AS place
FROM every
