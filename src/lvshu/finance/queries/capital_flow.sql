-- Where the money is and where it goes: loans by institution, period, division, carbon class and field.
-- A loan's balance at a month-end is what the ledger says; nothing said means zero before disbursement and from the
-- month of maturity on, else it is unknown. net_flow = inflow - outflow is over loans with both balances known;
-- the others are counted. net_financing = net_flow less write-offs, sales and valuation, over the same loans; it is empty
-- for an institution that states none of them in the year (stating zero is stating).
-- Carbon class: a transition label, else a green label, else the list of high-carbon industries, else other.
-- Field: by the catalogue item of the label, else by the division that the loan pays for.
-- Source: month-end balances; packs capital_flow_classes, capital_flow_fields, finance_scope_industries.
-- step: booked
SELECT
  balance.loan_id,
  balance.month,
  CASE WHEN converted.loan_id IS NULL THEN balance.outstanding_amount ELSE converted.amount_cny END AS outstanding_amount
FROM loan_balance AS balance
LEFT JOIN converted_balance AS converted ON converted.loan_id = balance.loan_id AND converted.month = balance.month
WHERE balance.month >= :previous_december AND balance.month <= :december
-- step: monthly
SELECT
  loan_id,
  max(CASE WHEN month = :previous_december THEN outstanding_amount END) AS m00,
  max(CASE WHEN month = :january THEN outstanding_amount END) AS m01,
  max(CASE WHEN month = :february THEN outstanding_amount END) AS m02,
  max(CASE WHEN month = :march THEN outstanding_amount END) AS m03,
  max(CASE WHEN month = :april THEN outstanding_amount END) AS m04,
  max(CASE WHEN month = :may THEN outstanding_amount END) AS m05,
  max(CASE WHEN month = :june THEN outstanding_amount END) AS m06,
  max(CASE WHEN month = :july THEN outstanding_amount END) AS m07,
  max(CASE WHEN month = :august THEN outstanding_amount END) AS m08,
  max(CASE WHEN month = :september THEN outstanding_amount END) AS m09,
  max(CASE WHEN month = :october THEN outstanding_amount END) AS m10,
  max(CASE WHEN month = :november THEN outstanding_amount END) AS m11,
  max(CASE WHEN month = :december THEN outstanding_amount END) AS m12
FROM booked
GROUP BY loan_id
-- step: label_field
SELECT labelled.green_catalogue, labelled.green_label, min(item.field) AS field
FROM (SELECT DISTINCT green_catalogue, green_label FROM loan WHERE green_label IS NOT NULL) AS labelled
JOIN pack_capital_flow_fields AS item
  ON item.basis = 'catalogue' AND item.catalogue = labelled.green_catalogue
  AND (labelled.green_label = item.code OR labelled.green_label LIKE concat(item.code, '.%'))
GROUP BY labelled.green_catalogue, labelled.green_label
-- step: classified
SELECT
  loan.loan_id,
  loan.institution_id,
  coalesce(substr(subject.sector_code, 1, 2), 'unknown') AS division,
  CASE
    WHEN loan.green_label IS NOT NULL AND class.carbon_class = 'transition' THEN 'transition'
    WHEN loan.green_label IS NOT NULL THEN 'low_carbon'
    WHEN grouped.group_code IS NOT NULL THEN 'high_carbon'
    ELSE 'other'
  END AS carbon_class,
  coalesce(item.field, industry.field, 'none') AS field,
  CASE
    WHEN extract(YEAR FROM loan.disbursed_on) < :year THEN 0
    WHEN extract(YEAR FROM loan.disbursed_on) > :year THEN 13
    ELSE extract(MONTH FROM loan.disbursed_on)
  END AS first_month,
  CASE
    WHEN loan.matures_on IS NULL OR extract(YEAR FROM loan.matures_on) > :year THEN 13
    WHEN extract(YEAR FROM loan.matures_on) < :year THEN 0
    ELSE extract(MONTH FROM loan.matures_on)
  END AS maturity_month
FROM loan
JOIN loan_subject AS subject ON subject.loan_id = loan.loan_id
LEFT JOIN industry_group AS grouped ON grouped.class_code = subject.sector_code AND grouped.method = '*'
LEFT JOIN pack_capital_flow_classes AS class ON class.catalogue = loan.green_catalogue
LEFT JOIN label_field AS item ON item.green_catalogue = loan.green_catalogue AND item.green_label = loan.green_label
LEFT JOIN pack_capital_flow_fields AS industry
  ON industry.basis = 'industry' AND industry.code = substr(subject.sector_code, 1, 2)
-- step: cell
SELECT
  institution_id,
  division,
  carbon_class,
  field,
  row_number() OVER (ORDER BY institution_id, division, carbon_class, field) AS cell
FROM (SELECT DISTINCT institution_id, division, carbon_class, field FROM classified) AS placed
-- step: filled
SELECT
  classified.loan_id,
  cell.cell,
  coalesce(m00, CASE WHEN first_month > 0 OR maturity_month <= 0 THEN CAST(0 AS DECIMAL(20,2)) END) AS b00,
  coalesce(m01, CASE WHEN first_month > 1 OR maturity_month <= 1 THEN CAST(0 AS DECIMAL(20,2)) END) AS b01,
  coalesce(m02, CASE WHEN first_month > 2 OR maturity_month <= 2 THEN CAST(0 AS DECIMAL(20,2)) END) AS b02,
  coalesce(m03, CASE WHEN first_month > 3 OR maturity_month <= 3 THEN CAST(0 AS DECIMAL(20,2)) END) AS b03,
  coalesce(m04, CASE WHEN first_month > 4 OR maturity_month <= 4 THEN CAST(0 AS DECIMAL(20,2)) END) AS b04,
  coalesce(m05, CASE WHEN first_month > 5 OR maturity_month <= 5 THEN CAST(0 AS DECIMAL(20,2)) END) AS b05,
  coalesce(m06, CASE WHEN first_month > 6 OR maturity_month <= 6 THEN CAST(0 AS DECIMAL(20,2)) END) AS b06,
  coalesce(m07, CASE WHEN first_month > 7 OR maturity_month <= 7 THEN CAST(0 AS DECIMAL(20,2)) END) AS b07,
  coalesce(m08, CASE WHEN first_month > 8 OR maturity_month <= 8 THEN CAST(0 AS DECIMAL(20,2)) END) AS b08,
  coalesce(m09, CASE WHEN first_month > 9 OR maturity_month <= 9 THEN CAST(0 AS DECIMAL(20,2)) END) AS b09,
  coalesce(m10, CASE WHEN first_month > 10 OR maturity_month <= 10 THEN CAST(0 AS DECIMAL(20,2)) END) AS b10,
  coalesce(m11, CASE WHEN first_month > 11 OR maturity_month <= 11 THEN CAST(0 AS DECIMAL(20,2)) END) AS b11,
  coalesce(m12, CASE WHEN first_month > 12 OR maturity_month <= 12 THEN CAST(0 AS DECIMAL(20,2)) END) AS b12
FROM classified
JOIN cell
  ON cell.institution_id = classified.institution_id AND cell.division = classified.division
  AND cell.carbon_class = classified.carbon_class AND cell.field = classified.field
LEFT JOIN monthly ON monthly.loan_id = classified.loan_id
-- step: span
SELECT DISTINCT begin_number, end_number FROM capital_flow_period
-- step: ended
SELECT
  filled.loan_id,
  filled.cell,
  span.begin_number,
  span.end_number,
  CASE span.begin_number
    WHEN 0 THEN b00 WHEN 1 THEN b01 WHEN 2 THEN b02 WHEN 3 THEN b03 WHEN 4 THEN b04 WHEN 5 THEN b05
    WHEN 6 THEN b06 WHEN 7 THEN b07 WHEN 8 THEN b08 WHEN 9 THEN b09 WHEN 10 THEN b10 WHEN 11 THEN b11
  END AS balance_begin,
  CASE span.end_number
    WHEN 1 THEN b01 WHEN 2 THEN b02 WHEN 3 THEN b03 WHEN 4 THEN b04 WHEN 5 THEN b05 WHEN 6 THEN b06
    WHEN 7 THEN b07 WHEN 8 THEN b08 WHEN 9 THEN b09 WHEN 10 THEN b10 WHEN 11 THEN b11 WHEN 12 THEN b12
  END AS balance_end
FROM filled
CROSS JOIN span
-- step: moved
SELECT
  loan_id,
  cell,
  begin_number,
  end_number,
  balance_begin,
  balance_end,
  CASE WHEN balance_begin IS NOT NULL AND balance_end IS NOT NULL THEN balance_end - balance_begin END AS moved
FROM ended
WHERE coalesce(balance_begin, CAST(1 AS DECIMAL(20,2))) <> 0 OR coalesce(balance_end, CAST(1 AS DECIMAL(20,2))) <> 0
-- step: summed
SELECT
  cell,
  begin_number,
  end_number,
  sum(balance_begin) AS outstanding_begin,
  sum(balance_end) AS outstanding_end,
  sum(moved) AS net_flow,
  sum(CASE WHEN moved > 0 THEN moved WHEN moved IS NOT NULL THEN CAST(0 AS DECIMAL(20,2)) END) AS inflow,
  sum(CASE WHEN moved < 0 THEN -moved WHEN moved IS NOT NULL THEN CAST(0 AS DECIMAL(20,2)) END) AS outflow,
  sum(CASE WHEN moved IS NOT NULL THEN balance_begin END) AS matched_begin,
  sum(CASE WHEN moved IS NOT NULL THEN balance_end END) AS matched_end,
  count(*) AS loans,
  count(*) - count(moved) AS loans_unknown
FROM moved
GROUP BY cell, begin_number, end_number
-- step: movement
SELECT
  loan_id,
  CAST(substr(month, 6, 2) AS INTEGER) AS number,
  sum(CASE WHEN kind IN ('write_off', 'transfer_out') THEN -amount ELSE amount END) AS effect
FROM loan_movement
WHERE month > :previous_december AND month <= :december AND amount IS NOT NULL
GROUP BY loan_id, CAST(substr(month, 6, 2) AS INTEGER)
-- step: told
SELECT DISTINCT loan.institution_id
FROM movement
JOIN loan ON loan.loan_id = movement.loan_id
-- step: touched
SELECT
  filled.cell,
  span.begin_number,
  span.end_number,
  movement.effect,
  CASE span.begin_number
    WHEN 0 THEN b00 WHEN 1 THEN b01 WHEN 2 THEN b02 WHEN 3 THEN b03 WHEN 4 THEN b04 WHEN 5 THEN b05
    WHEN 6 THEN b06 WHEN 7 THEN b07 WHEN 8 THEN b08 WHEN 9 THEN b09 WHEN 10 THEN b10 WHEN 11 THEN b11
  END AS balance_begin,
  CASE span.end_number
    WHEN 1 THEN b01 WHEN 2 THEN b02 WHEN 3 THEN b03 WHEN 4 THEN b04 WHEN 5 THEN b05 WHEN 6 THEN b06
    WHEN 7 THEN b07 WHEN 8 THEN b08 WHEN 9 THEN b09 WHEN 10 THEN b10 WHEN 11 THEN b11 WHEN 12 THEN b12
  END AS balance_end
FROM movement
JOIN filled ON filled.loan_id = movement.loan_id
JOIN span ON movement.number > span.begin_number AND movement.number <= span.end_number
-- step: set_apart
SELECT cell, begin_number, end_number, sum(effect) AS effect
FROM touched
WHERE balance_begin IS NOT NULL AND balance_end IS NOT NULL
GROUP BY cell, begin_number, end_number
-- step: result
SELECT
  cell.institution_id,
  period.period_kind,
  period.period,
  cell.division,
  cell.carbon_class,
  cell.field,
  summed.outstanding_begin,
  summed.outstanding_end,
  summed.net_flow,
  summed.inflow,
  summed.outflow,
  summed.matched_begin,
  summed.matched_end,
  summed.loans,
  summed.loans_unknown,
  CASE WHEN told.institution_id IS NOT NULL AND summed.net_flow IS NOT NULL
    THEN coalesce(set_apart.effect, CAST(0 AS DECIMAL(20,2))) END AS not_financing,
  CASE WHEN told.institution_id IS NOT NULL
    THEN summed.net_flow - coalesce(set_apart.effect, CAST(0 AS DECIMAL(20,2))) END AS net_financing
FROM summed
JOIN cell ON cell.cell = summed.cell
LEFT JOIN told ON told.institution_id = cell.institution_id
LEFT JOIN set_apart
  ON set_apart.cell = summed.cell AND set_apart.begin_number = summed.begin_number
  AND set_apart.end_number = summed.end_number
JOIN capital_flow_period AS period
  ON period.begin_number = summed.begin_number AND period.end_number = summed.end_number
