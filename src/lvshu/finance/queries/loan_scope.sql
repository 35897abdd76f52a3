-- Each loan under each accounting method: in scope, out of scope or unknown, with the reason.
-- The first reason that applies is given, in the order of the CASE below. A loan whose borrower, industry or
-- balance is not known is neither in nor out: it stays in the bucket "unknown", which is reported.
-- Every rule is a value of the packs finance_methods and finance_scope_industries; none is written here. A client that
-- head office took off the formal list of the year and method, and did not put back, is out.
-- Source: packs finance_methods, finance_scope_industries; tables formal_list and correction.
-- step: latest
SELECT list_id, uscc, coalesce(project_id, 'none') AS project_id, max(correction_id) AS correction_id
FROM correction
WHERE kind IN ('add', 'remove')
GROUP BY list_id, uscc, coalesce(project_id, 'none')
-- step: removed
SELECT DISTINCT
  list.method,
  list.institution_id,
  CASE WHEN latest.project_id = 'none' THEN 'entity' ELSE 'project' END AS subject_kind,
  CASE WHEN latest.project_id = 'none' THEN latest.uscc ELSE latest.project_id END AS subject_id
FROM latest
JOIN correction ON correction.correction_id = latest.correction_id AND correction.kind = 'remove'
JOIN (SELECT DISTINCT list_id, method, institution_id FROM formal_list WHERE year = :year) AS list
  ON list.list_id = latest.list_id
-- step: candidate
SELECT
  subject.loan_id,
  method.code AS method,
  subject.institution_id,
  subject.branch_code,
  subject.subject_kind,
  subject.subject_id,
  subject.sector_code,
  subject.green,
  balance.balance_status,
  balance.year_end_balance,
  CASE
    WHEN method.exposure = 'year_end' THEN balance.year_end_balance
    WHEN :balance_average = 'over_tenure' THEN balance.over_tenure
    ELSE balance.over_12_months
  END AS exposure,
  CASE WHEN method.exposure = 'year_end' THEN 'year_end' ELSE :balance_average END AS exposure_rule,
  CASE
    WHEN method.exposure = 'year_end' THEN subject.customer_year_end
    WHEN :balance_average = 'over_tenure' THEN subject.customer_over_tenure
    ELSE subject.customer_over_12_months
  END AS customer_balance,
  subject.borrower_known,
  subject.borrower_type,
  subject.size_class,
  subject.overseas,
  subject.business_type,
  CASE WHEN method.products IS NULL THEN true
    ELSE concat('|', method.products, '|') LIKE concat('%|', subject.product_type, '|%') END AS product_covered,
  CASE WHEN method.asset_classes IS NULL THEN true
    ELSE concat('|', method.asset_classes, '|') LIKE concat('%|', subject.asset_class, '|%') END AS class_covered,
  method.industry_filter,
  method.excludes_individual,
  method.excludes_small_micro,
  method.excludes_overseas,
  method.minimum_balance,
  method.minimum_balance_for,
  removed.subject_id IS NOT NULL AS taken_off,
  scope.group_code,
  coalesce(anywhere.group_code, 'other') AS industry_group
FROM loan_subject AS subject
JOIN loan_average_balance AS balance ON balance.loan_id = subject.loan_id
CROSS JOIN pack_finance_methods AS method
LEFT JOIN industry_group AS scope ON scope.class_code = subject.sector_code AND scope.method = method.code
LEFT JOIN industry_group AS anywhere ON anywhere.class_code = subject.sector_code AND anywhere.method = '*'
LEFT JOIN removed
  ON removed.method = method.code AND removed.institution_id = subject.institution_id
  AND removed.subject_kind = subject.subject_kind AND removed.subject_id = subject.subject_id
WHERE :methods LIKE concat('%|', method.code, '|%')
-- step: judged
SELECT
  loan_id,
  method,
  institution_id,
  branch_code,
  subject_kind,
  subject_id,
  sector_code,
  industry_group,
  green,
  exposure,
  exposure_rule,
  year_end_balance,
  CASE
    WHEN balance_status = 'after_year' THEN 'after_year'
    WHEN excludes_individual AND borrower_type = 'individual' THEN 'individual'
    WHEN excludes_individual AND borrower_type = 'self_employed' THEN 'self_employed'
    WHEN NOT class_covered THEN 'asset_class_not_covered'
    WHEN NOT product_covered THEN 'product_not_covered'
    WHEN NOT borrower_known THEN 'unknown_borrower'
    WHEN excludes_overseas AND overseas THEN 'overseas'
    WHEN excludes_small_micro AND size_class IN ('small', 'micro') THEN 'small_or_micro'
    WHEN industry_filter AND sector_code IS NULL THEN 'unknown_industry'
    WHEN industry_filter AND group_code IS NULL THEN 'industry_not_listed'
    WHEN balance_status = 'no_balance' THEN 'no_balance'
    WHEN minimum_balance IS NOT NULL AND business_type = minimum_balance_for
      AND coalesce(customer_balance, 0) < minimum_balance THEN 'below_minimum_balance'
    WHEN taken_off THEN 'removed_from_list'
    ELSE 'in_scope'
  END AS reason
FROM candidate
-- step: result
SELECT
  loan_id,
  method,
  CASE
    WHEN reason = 'in_scope' THEN 'in'
    WHEN reason IN ('unknown_borrower', 'unknown_industry', 'no_balance') THEN 'unknown'
    ELSE 'out'
  END AS scope_status,
  reason,
  institution_id,
  branch_code,
  subject_kind,
  subject_id,
  sector_code,
  industry_group,
  green,
  exposure,
  exposure_rule,
  year_end_balance AS outstanding_amount
FROM judged
