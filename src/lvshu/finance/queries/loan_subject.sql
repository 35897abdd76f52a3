-- What each loan is counted with: the borrower or the project, its industry, and the customer's total balance.
-- Industry of scope: a project's own; else the one industry that all loans of the customer at the institution
-- pay for; else (several, or none stated) the borrower's own industry; else the loan's own purpose.
-- A code that is not in GB/T 4754-2017 (retired, mistyped) counts as not stated, and is told.
-- The customer total is over the non-project loans of one borrower at one institution.
-- The borrower is the direct borrower that matching found (by code, name, review or override), else the ledger's code;
-- a parent that matched in its place does not borrow and is not counted.
-- A branch without a code goes by its name (a ledger may have names alone), or by the code that other loans state
-- beside that name (branch_code_of_name).
-- Source: bank practice under the 2026 guide (gathering by unified social credit code; purpose before industry).
-- Most loans are matched by the code that the ledger states: only the others (step `other_code`) need a look at the
-- match. The key of a match by code is code|name; one that holds a third part is looked at. Loans are gathered by
-- customer from few columns (step `owing`), so that the wide rows need not be kept meanwhile, and a purpose is counted
-- by its place in the list, as numbers are compared faster than texts.
-- step: other_code
SELECT matched.loan_id, found.uscc
FROM loan_match AS matched
JOIN enterprise AS found ON found.uscc = matched.entity_id
WHERE matched.status = 'matched' AND matched.level = 'direct'
  AND (matched.matched_by <> 'code' OR matched.subject_key LIKE '%|%|%'
    OR substr(matched.subject_key, 1, strpos(matched.subject_key, '|') - 1) <> matched.entity_id)
-- step: borrower
SELECT
  loan.loan_id,
  loan.institution_id,
  coalesce(named.branch_code, loan.branch_code, loan.branch_name) AS branch_code,
  coalesce(other_code.uscc, loan.uscc) AS uscc,
  purpose.code AS purpose_industry_code,
  loan.business_type,
  loan.product_type,
  loan.asset_class,
  loan.green_label IS NOT NULL AS green,
  loan.borrower_type,
  loan.project_id
FROM loan
LEFT JOIN branch_code_of_name AS named
  ON named.institution_id = loan.institution_id AND named.branch_name = coalesce(loan.branch_code, loan.branch_name)
LEFT JOIN other_code ON other_code.loan_id = loan.loan_id
LEFT JOIN pack_gbt4754_2017 AS purpose ON purpose.code = loan.purpose_industry_code
-- step: firm
SELECT enterprise.uscc, own.code AS own_industry_code, enterprise.size_class, enterprise.overseas
FROM enterprise
LEFT JOIN pack_gbt4754_2017 AS own ON own.code = enterprise.industry_code
-- step: planned
SELECT project.project_id, industry.code AS project_industry_code
FROM project
LEFT JOIN pack_gbt4754_2017 AS industry ON industry.code = project.industry_code
-- step: known
SELECT
  borrower.loan_id,
  borrower.institution_id,
  borrower.branch_code,
  borrower.uscc,
  borrower.purpose_industry_code,
  borrower.business_type,
  borrower.product_type,
  borrower.asset_class,
  borrower.green,
  firm.uscc IS NOT NULL AS borrower_known,
  firm.own_industry_code,
  firm.size_class,
  coalesce(firm.overseas, false) AS overseas,
  CASE
    WHEN borrower.borrower_type IS NOT NULL THEN borrower.borrower_type
    WHEN firm.size_class = 'self_employed' THEN 'self_employed'
    WHEN borrower.uscc IS NULL AND borrower.asset_class IN ('mortgage', 'motor_vehicle') THEN 'individual'
    ELSE 'enterprise'
  END AS borrower_type,
  CASE WHEN borrower.business_type = 'project' AND planned.project_id IS NOT NULL THEN 'project' ELSE 'entity' END
    AS subject_kind,
  borrower.project_id,
  planned.project_industry_code
FROM borrower
LEFT JOIN firm ON firm.uscc = borrower.uscc
LEFT JOIN planned ON planned.project_id = borrower.project_id
-- step: purpose
SELECT code, row_number() OVER (ORDER BY code) AS place FROM pack_gbt4754_2017
-- step: owing
SELECT
  loan.institution_id,
  coalesce(other_code.uscc, loan.uscc) AS uscc,
  purpose.place AS purpose_place,
  CASE WHEN loan.business_type = 'non_project' THEN balance.over_12_months END AS over_12_months,
  CASE WHEN loan.business_type = 'non_project' THEN balance.over_tenure END AS over_tenure,
  CASE WHEN loan.business_type = 'non_project' THEN balance.year_end_balance END AS year_end_balance
FROM loan
JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
LEFT JOIN other_code ON other_code.loan_id = loan.loan_id
LEFT JOIN purpose ON purpose.code = loan.purpose_industry_code
WHERE balance.balance_status <> 'after_year'
-- step: customer
SELECT
  institution_id,
  uscc,
  CASE WHEN min(purpose_place) = max(purpose_place) THEN min(purpose_place) END AS single_place,
  sum(over_12_months) AS total_over_12_months,
  sum(over_tenure) AS total_over_tenure,
  sum(year_end_balance) AS total_year_end
FROM owing
WHERE uscc IS NOT NULL
GROUP BY institution_id, uscc
-- step: result
SELECT
  known.loan_id,
  known.institution_id,
  known.branch_code,
  known.uscc,
  known.borrower_known,
  known.borrower_type,
  known.size_class,
  known.overseas,
  known.business_type,
  known.product_type,
  known.asset_class,
  known.green,
  known.subject_kind,
  CASE WHEN known.subject_kind = 'project' THEN known.project_id ELSE known.uscc END AS subject_id,
  known.own_industry_code,
  CASE
    WHEN known.subject_kind = 'project'
      THEN coalesce(known.project_industry_code, known.purpose_industry_code, known.own_industry_code)
    ELSE coalesce(single_purpose.code, known.own_industry_code, known.purpose_industry_code)
  END AS sector_code,
  customer.total_over_12_months AS customer_over_12_months,
  customer.total_over_tenure AS customer_over_tenure,
  customer.total_year_end AS customer_year_end
FROM known
LEFT JOIN customer ON customer.institution_id = known.institution_id AND customer.uscc = known.uscc
LEFT JOIN purpose AS single_purpose ON single_purpose.place = customer.single_place
