-- The gap ledger: each kind of gap in the data, how many loans it touches, how much money, how much of the emission
-- rests on the rule applied, and what the rule changes (the sum over finance_gap_record). The rule is told in the finding of
-- the same code.
-- Source: tables of the finance wing.
-- step: ended
SELECT
  loan_id,
  CAST(extract(YEAR FROM matures_on) AS INTEGER) * 12 + CAST(extract(MONTH FROM matures_on) AS INTEGER) AS last_month,
  CASE WHEN extract(DAY FROM matures_on) < 28 THEN 0 ELSE 1 END AS days_of_grace
FROM loan
WHERE extract(YEAR FROM matures_on) <= :year
-- step: overdue
-- A month-end after maturity; the month's own end too where it is days later than maturity (before the 28th).
SELECT DISTINCT balance.loan_id
FROM loan_balance AS balance
JOIN ended ON ended.loan_id = balance.loan_id
WHERE balance.month >= :january AND balance.month <= :december AND balance.outstanding_amount > 0
  AND CAST(substr(balance.month, 1, 4) AS INTEGER) * 12 + CAST(substr(balance.month, 6, 2) AS INTEGER)
    >= ended.last_month + ended.days_of_grace
-- step: balance
SELECT
  'balance_filled' AS code,
  '*' AS method,
  count(*) AS loans,
  CAST(sum(year_end_balance) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(NULL AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM loan_average_balance
WHERE balance_status = 'filled'
UNION ALL
SELECT
  'no_balance' AS code,
  '*' AS method,
  count(*) AS loans,
  CAST(sum(year_end_balance) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(NULL AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM loan_average_balance
WHERE balance_status = 'no_balance'
UNION ALL
SELECT
  'after_year' AS code,
  '*' AS method,
  count(*) AS loans,
  CAST(sum(year_end_balance) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(NULL AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM loan_average_balance
WHERE balance_status = 'after_year'
UNION ALL
SELECT
  'balance_before_disbursement' AS code,
  '*' AS method,
  count(*) AS loans,
  CAST(sum(year_end_balance) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(NULL AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM loan_average_balance
WHERE months_before_disbursement > 0
UNION ALL
SELECT
  'balance_after_maturity' AS code,
  '*' AS method,
  count(*) AS loans,
  CAST(sum(average.year_end_balance) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(NULL AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM overdue
JOIN loan_average_balance AS average ON average.loan_id = overdue.loan_id
-- step: subject
SELECT
  'project_unknown' AS code,
  '*' AS method,
  count(*) AS loans,
  CAST(sum(balance.year_end_balance) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(NULL AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM loan_subject AS subject
JOIN loan_average_balance AS balance ON balance.loan_id = subject.loan_id
WHERE subject.business_type = 'project' AND subject.subject_kind = 'entity'
-- step: scope
SELECT
  reason AS code,
  method,
  count(*) AS loans,
  CAST(sum(outstanding_amount) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(NULL AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM loan_scope
WHERE reason IN ('unknown_borrower', 'unknown_industry')
GROUP BY reason, method
-- step: attributed
SELECT
  'attribution_above_one' AS code,
  method,
  count(*) AS loans,
  CAST(sum(outstanding_amount) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(sum(emission) AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM attributed_emission
WHERE attribution_factor > 1
GROUP BY method
UNION ALL
SELECT
  'statement_contradicted' AS code,
  method,
  count(*) AS loans,
  CAST(sum(outstanding_amount) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(sum(emission) AS DECIMAL(24,6)) AS emission,
  CAST(sum(coalesce(emission, CAST(0 AS DECIMAL(24,6))) - emission_by_statement) AS DECIMAL(24,6)) AS effect
FROM attributed_emission
WHERE emission_by_statement IS NOT NULL
GROUP BY method
UNION ALL
SELECT
  'not_estimated' AS code,
  method,
  count(*) AS loans,
  CAST(sum(outstanding_amount) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(sum(emission) AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM attributed_emission
WHERE calculation_method = 'none'
GROUP BY method
UNION ALL
SELECT
  'one_end_of_assets' AS code,
  method,
  count(*) AS loans,
  CAST(sum(outstanding_amount) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(sum(emission) AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM attributed_emission
WHERE denominator_basis IN ('total_assets_begin_only', 'total_assets_end_only')
GROUP BY method
UNION ALL
SELECT
  'project_without_data' AS code,
  method,
  count(*) AS loans,
  CAST(sum(outstanding_amount) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(sum(emission) AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM attributed_emission
WHERE account_type = 'project_as_non_project' AND calculation_method NOT IN ('fallback', 'none')
  AND emission_by_statement IS NULL
GROUP BY method
UNION ALL
SELECT
  'turnover_of_all' AS code,
  method,
  count(*) AS loans,
  CAST(sum(outstanding_amount) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(sum(emission) AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM attributed_emission
WHERE denominator_basis = 'turnover_of_all'
GROUP BY method
UNION ALL
SELECT
  CASE WHEN choice.method IS NULL THEN 'no_entity_estimate' ELSE 'no_denominator' END AS code,
  attributed.method,
  count(*) AS loans,
  CAST(sum(attributed.outstanding_amount) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(sum(attributed.emission) AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM attributed_emission AS attributed
LEFT JOIN entity_emission_choice AS choice
  ON choice.method = attributed.method AND choice.subject_kind = attributed.subject_kind
  AND choice.subject_id = attributed.subject_id
WHERE attributed.calculation_method = 'fallback' AND attributed.emission_by_statement IS NULL
GROUP BY CASE WHEN choice.method IS NULL THEN 'no_entity_estimate' ELSE 'no_denominator' END, attributed.method
-- step: listed
SELECT
  code,
  method,
  CAST(sum(loans) AS BIGINT) AS loans,
  CAST(sum(outstanding_amount) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(sum(emission) AS DECIMAL(24,6)) AS emission,
  CAST(NULL AS DECIMAL(24,6)) AS effect
FROM finance_gap_record
WHERE code IN (
  'energy_incomplete', 'project_over_attributed', 'figure_suspected', 'subject_dominates', 'implausible_emission',
  'excluded_on_suspected', 'co2_alone'
)
GROUP BY code, method
-- step: recorded
SELECT code, method, sum(effect) AS effect FROM finance_gap_record GROUP BY code, method
-- step: by_method
SELECT code, method, loans, outstanding_amount, emission, effect FROM scope
UNION ALL
SELECT code, method, loans, outstanding_amount, emission, effect FROM attributed
UNION ALL
SELECT code, method, loans, outstanding_amount, emission, effect FROM listed
-- step: measured
SELECT
  by_method.code,
  by_method.method,
  by_method.loans,
  by_method.outstanding_amount,
  by_method.emission,
  CAST(coalesce(by_method.effect, recorded.effect) AS DECIMAL(24,6)) AS effect
FROM by_method
LEFT JOIN recorded ON recorded.code = by_method.code AND recorded.method = by_method.method
-- step: result
SELECT code, method, loans, outstanding_amount, emission, effect FROM balance WHERE loans > 0
UNION ALL
SELECT code, method, loans, outstanding_amount, emission, effect FROM subject WHERE loans > 0
UNION ALL
SELECT code, method, loans, outstanding_amount, emission, effect FROM measured
