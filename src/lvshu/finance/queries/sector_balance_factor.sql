-- Emission per yuan of loan balance of each division, for loans that nothing else can estimate (fallback).
-- = emission per yuan of assets of the division, where accounts or user give it (sector_factor_applied); else emission per yuan of revenue
-- x asset turnover (revenue / average total assets) of the enterprises of the division in this book; where the
-- division has no enterprise with both figures, the turnover of all enterprises, and the basis says so.
-- Statements that the loan ledger contradicts are not used.
-- Source: PCAF (2022) options 3b and 3c; bank guide, other calculation.
-- step: doubted
SELECT DISTINCT subject_kind, subject_id
FROM contradicted_statement
WHERE treatment = 'set_aside'
-- step: book
SELECT
  substr(enterprise.industry_code, 1, 2) AS division,
  sum(money.main_business_revenue) AS revenue,
  sum(money.total_assets_begin + money.total_assets_end) AS assets_twice
FROM enterprise_finance AS money
JOIN enterprise ON enterprise.uscc = money.uscc
LEFT JOIN doubted AS doubt
  ON doubt.subject_kind = 'entity' AND doubt.subject_id = money.uscc
WHERE money.year = :year AND doubt.subject_id IS NULL
  AND money.main_business_revenue > 0 AND money.total_assets_begin + money.total_assets_end > 0
GROUP BY substr(enterprise.industry_code, 1, 2)
-- step: everybody
SELECT sum(revenue) AS revenue, sum(assets_twice) AS assets_twice FROM book
-- step: turnover
SELECT
  whole.code AS gbt4754_division,
  whole.origin,
  whole.intensity_revenue,
  whole.intensity_assets,
  whole.direct_revenue,
  whole.direct_assets,
  CASE
    WHEN whole.intensity_assets IS NOT NULL THEN 'intensity_assets'
    WHEN book.division IS NOT NULL THEN 'turnover_of_division'
    ELSE 'turnover_of_all'
  END AS basis,
  CASE WHEN book.division IS NOT NULL THEN ratio(2 * book.revenue, book.assets_twice)
    ELSE ratio(2 * everybody.revenue, everybody.assets_twice) END AS asset_turnover
FROM sector_factor_applied AS whole
LEFT JOIN book ON book.division = whole.code
CROSS JOIN everybody
WHERE length(whole.code) = 2
-- step: result
SELECT
  gbt4754_division,
  basis,
  origin,
  asset_turnover,
  CASE WHEN basis = 'intensity_assets' THEN intensity_assets ELSE intensity_revenue * asset_turnover END AS factor,
  CASE WHEN basis = 'intensity_assets' THEN direct_assets ELSE direct_revenue * asset_turnover END AS factor_scope1
FROM turnover
