-- Where the money is and where it went in the year: balances at the year's begin and end by carbon class.
-- high_carbon: the loan's industry is in the list of high-carbon industries; green: it carries a green label;
-- both: a green-labelled loan to a high-carbon industry; other: neither. Nothing here says "low-carbon" or
-- "transition": no pack supports those classes yet.
-- change is over loans with both balances known; loans without a known begin or end are counted apart.
-- Source: loan ledger and month-end balances; pack finance_scope_industries.
-- step: placed
SELECT
  subject.institution_id,
  CASE
    WHEN grouped.group_code IS NOT NULL AND subject.green THEN 'high_carbon_green'
    WHEN grouped.group_code IS NOT NULL THEN 'high_carbon'
    WHEN subject.green THEN 'green'
    ELSE 'other'
  END AS carbon_class,
  coalesce(grouped.group_code, 'other') AS industry_group,
  subject.green,
  balance.year_begin_balance,
  balance.year_end_balance
FROM loan_subject AS subject
JOIN loan_average_balance AS balance ON balance.loan_id = subject.loan_id
LEFT JOIN industry_group AS grouped ON grouped.class_code = subject.sector_code AND grouped.method = '*'
WHERE balance.balance_status <> 'after_year'
-- step: result
SELECT
  institution_id,
  carbon_class,
  industry_group,
  green,
  count(*) AS loans,
  sum(year_begin_balance) AS outstanding_begin,
  sum(year_end_balance) AS outstanding_end,
  sum(CASE WHEN year_begin_balance IS NOT NULL AND year_end_balance IS NOT NULL
    THEN year_end_balance - year_begin_balance END) AS change,
  count(*) - count(year_begin_balance) AS loans_begin_unknown,
  count(*) - count(year_end_balance) AS loans_end_unknown
FROM placed
GROUP BY institution_id, carbon_class, industry_group, green
