-- Monthly-average balance of each loan by both rules, from month-end balances.
-- A month-end is expected from the month of disbursement up to the month before maturity. An expected month-end
-- without a figure is missing, not zero: it takes the last known balance before it, else the first after it, and
-- is counted; a loan without any figure in the year gets no average. After maturity an absent month-end means
-- repaid. Month-ends before disbursement are not averaged.
-- Balances in other currencies count as converted (converted_balance), missing where there is no rate.
-- Loans whose month-ends are whole (step `plain`) need sums only; the others (step `odd`) are taken apart by month.
-- Which month-ends there are is one sum of twelve powers of two (months_given): the loan is whole where that is its
-- first month's power times 2^n - 1, that is, n months without a break.
-- over_12_months = sum / 12; over_tenure = sum / (12 - month of disbursement + 1), 12 for older loans.
-- Loans disbursed after the reporting year have no average.
-- The quotient is a double; what it leaves (twice the rest, exact) puts a cent right where it missed a tie.
-- Source: bank practice under the 2026 guide on financed emissions (averaging rule and its two defects).
-- step: term
SELECT
  loan_id,
  CASE
    WHEN extract(YEAR FROM disbursed_on) < :year THEN 1
    WHEN extract(YEAR FROM disbursed_on) > :year THEN 13
    ELSE extract(MONTH FROM disbursed_on)
  END AS first_month,
  CASE
    WHEN matures_on IS NULL OR extract(YEAR FROM matures_on) > :year THEN 12
    WHEN extract(YEAR FROM matures_on) < :year THEN 0
    ELSE extract(MONTH FROM matures_on) - 1
  END AS last_month,
  CASE
    WHEN extract(YEAR FROM disbursed_on) < :year THEN 1
    WHEN extract(YEAR FROM disbursed_on) > :year THEN 0
    ELSE CASE extract(MONTH FROM disbursed_on)
      WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 4 WHEN 4 THEN 8 WHEN 5 THEN 16 WHEN 6 THEN 32
      WHEN 7 THEN 64 WHEN 8 THEN 128 WHEN 9 THEN 256 WHEN 10 THEN 512 WHEN 11 THEN 1024 ELSE 2048
    END
  END AS first_power,
  CASE WHEN extract(YEAR FROM disbursed_on) = :year THEN true ELSE false END AS new_in_year
FROM loan
-- step: monthly
SELECT
  loan_id,
  count(*) AS given,
  sum(CASE month
    WHEN :january THEN 1 WHEN :february THEN 2 WHEN :march THEN 4 WHEN :april THEN 8 WHEN :may THEN 16 WHEN :june THEN 32
    WHEN :july THEN 64 WHEN :august THEN 128 WHEN :september THEN 256 WHEN :october THEN 512 WHEN :november THEN 1024
    WHEN :december THEN 2048
  END) AS months_given,
  sum(outstanding_amount) AS total,
  max(CASE WHEN month = :december THEN outstanding_amount END) AS m12
FROM loan_balance
WHERE month >= :january AND month <= :december AND outstanding_amount IS NOT NULL
GROUP BY loan_id
-- step: before
SELECT loan_id, max(outstanding_amount) AS m00
FROM loan_balance
WHERE month = :previous_december
GROUP BY loan_id
-- step: foreign_loan
SELECT DISTINCT loan_id FROM converted_balance
-- step: stand
SELECT
  term.loan_id,
  term.first_month,
  term.last_month,
  term.new_in_year,
  coalesce(monthly.given, 0) AS given,
  CAST(monthly.total AS DECIMAL(24,2)) AS total,
  before.m00,
  monthly.m12,
  CASE
    WHEN foreign_loan.loan_id IS NOT NULL THEN false
    WHEN term.new_in_year AND before.m00 > 0 THEN false
    WHEN coalesce(monthly.given, 0) = 0 THEN term.last_month < term.first_month
    WHEN term.first_month + monthly.given - 1 < term.last_month THEN false
    ELSE monthly.months_given = term.first_power * CASE monthly.given
      WHEN 1 THEN 1 WHEN 2 THEN 3 WHEN 3 THEN 7 WHEN 4 THEN 15 WHEN 5 THEN 31 WHEN 6 THEN 63
      WHEN 7 THEN 127 WHEN 8 THEN 255 WHEN 9 THEN 511 WHEN 10 THEN 1023 WHEN 11 THEN 2047 WHEN 12 THEN 4095 ELSE 0
    END
  END AS whole
FROM term
LEFT JOIN monthly ON monthly.loan_id = term.loan_id
LEFT JOIN before ON before.loan_id = term.loan_id
LEFT JOIN foreign_loan ON foreign_loan.loan_id = term.loan_id
-- step: odd_balance
SELECT
  balance.loan_id,
  balance.month,
  CASE WHEN converted.loan_id IS NULL THEN balance.outstanding_amount ELSE converted.amount_cny END AS outstanding_amount
FROM loan_balance AS balance
JOIN stand ON stand.loan_id = balance.loan_id AND NOT stand.whole
LEFT JOIN converted_balance AS converted ON converted.loan_id = balance.loan_id AND converted.month = balance.month
WHERE balance.month >= :previous_december AND balance.month <= :december
-- step: odd
SELECT
  balance.loan_id,
  max(CASE WHEN balance.month = :previous_december THEN balance.outstanding_amount END) AS m00,
  max(CASE WHEN balance.month = :january THEN balance.outstanding_amount END) AS m01,
  max(CASE WHEN balance.month = :february THEN balance.outstanding_amount END) AS m02,
  max(CASE WHEN balance.month = :march THEN balance.outstanding_amount END) AS m03,
  max(CASE WHEN balance.month = :april THEN balance.outstanding_amount END) AS m04,
  max(CASE WHEN balance.month = :may THEN balance.outstanding_amount END) AS m05,
  max(CASE WHEN balance.month = :june THEN balance.outstanding_amount END) AS m06,
  max(CASE WHEN balance.month = :july THEN balance.outstanding_amount END) AS m07,
  max(CASE WHEN balance.month = :august THEN balance.outstanding_amount END) AS m08,
  max(CASE WHEN balance.month = :september THEN balance.outstanding_amount END) AS m09,
  max(CASE WHEN balance.month = :october THEN balance.outstanding_amount END) AS m10,
  max(CASE WHEN balance.month = :november THEN balance.outstanding_amount END) AS m11,
  max(CASE WHEN balance.month = :december THEN balance.outstanding_amount END) AS m12
FROM odd_balance AS balance
GROUP BY balance.loan_id
-- step: inside
SELECT
  term.loan_id,
  term.first_month,
  term.last_month,
  term.new_in_year,
  monthly.m00 AS previous_december_balance,
  CASE WHEN NOT term.new_in_year THEN monthly.m00 END AS m00,
  CASE WHEN term.first_month <= 1 THEN monthly.m01 END AS m01,
  CASE WHEN term.first_month <= 2 THEN monthly.m02 END AS m02,
  CASE WHEN term.first_month <= 3 THEN monthly.m03 END AS m03,
  CASE WHEN term.first_month <= 4 THEN monthly.m04 END AS m04,
  CASE WHEN term.first_month <= 5 THEN monthly.m05 END AS m05,
  CASE WHEN term.first_month <= 6 THEN monthly.m06 END AS m06,
  CASE WHEN term.first_month <= 7 THEN monthly.m07 END AS m07,
  CASE WHEN term.first_month <= 8 THEN monthly.m08 END AS m08,
  CASE WHEN term.first_month <= 9 THEN monthly.m09 END AS m09,
  CASE WHEN term.first_month <= 10 THEN monthly.m10 END AS m10,
  CASE WHEN term.first_month <= 11 THEN monthly.m11 END AS m11,
  CASE WHEN term.first_month <= 12 THEN monthly.m12 END AS m12,
  CASE WHEN term.new_in_year AND monthly.m00 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 1 AND monthly.m01 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 2 AND monthly.m02 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 3 AND monthly.m03 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 4 AND monthly.m04 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 5 AND monthly.m05 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 6 AND monthly.m06 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 7 AND monthly.m07 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 8 AND monthly.m08 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 9 AND monthly.m09 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 10 AND monthly.m10 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 11 AND monthly.m11 > 0 THEN 1 ELSE 0 END
    + CASE WHEN term.first_month > 12 AND monthly.m12 > 0 THEN 1 ELSE 0 END AS months_before_disbursement
FROM stand AS term
LEFT JOIN odd AS monthly ON monthly.loan_id = term.loan_id
WHERE NOT term.whole
-- step: filled
SELECT
  loan_id,
  first_month,
  new_in_year,
  months_before_disbursement,
  previous_december_balance,
  m12,
  coalesce(m01, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m02, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m03, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m04, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m05, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m06, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m07, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m08, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m09, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m10, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m11, CAST(0 AS DECIMAL(20,2)))
    + coalesce(m12, CAST(0 AS DECIMAL(20,2))) AS given_sum,
  CASE
    WHEN first_month > 1 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m01 IS NOT NULL THEN m01
    WHEN last_month < 1 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m00, m02, m03, m04, m05, m06, m07, m08, m09, m10, m11, m12)
  END AS f01,
  CASE
    WHEN first_month > 2 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m02 IS NOT NULL THEN m02
    WHEN last_month < 2 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m01, m00, m03, m04, m05, m06, m07, m08, m09, m10, m11, m12)
  END AS f02,
  CASE
    WHEN first_month > 3 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m03 IS NOT NULL THEN m03
    WHEN last_month < 3 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m02, m01, m00, m04, m05, m06, m07, m08, m09, m10, m11, m12)
  END AS f03,
  CASE
    WHEN first_month > 4 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m04 IS NOT NULL THEN m04
    WHEN last_month < 4 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m03, m02, m01, m00, m05, m06, m07, m08, m09, m10, m11, m12)
  END AS f04,
  CASE
    WHEN first_month > 5 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m05 IS NOT NULL THEN m05
    WHEN last_month < 5 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m04, m03, m02, m01, m00, m06, m07, m08, m09, m10, m11, m12)
  END AS f05,
  CASE
    WHEN first_month > 6 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m06 IS NOT NULL THEN m06
    WHEN last_month < 6 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m05, m04, m03, m02, m01, m00, m07, m08, m09, m10, m11, m12)
  END AS f06,
  CASE
    WHEN first_month > 7 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m07 IS NOT NULL THEN m07
    WHEN last_month < 7 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m06, m05, m04, m03, m02, m01, m00, m08, m09, m10, m11, m12)
  END AS f07,
  CASE
    WHEN first_month > 8 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m08 IS NOT NULL THEN m08
    WHEN last_month < 8 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m07, m06, m05, m04, m03, m02, m01, m00, m09, m10, m11, m12)
  END AS f08,
  CASE
    WHEN first_month > 9 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m09 IS NOT NULL THEN m09
    WHEN last_month < 9 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m08, m07, m06, m05, m04, m03, m02, m01, m00, m10, m11, m12)
  END AS f09,
  CASE
    WHEN first_month > 10 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m10 IS NOT NULL THEN m10
    WHEN last_month < 10 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m09, m08, m07, m06, m05, m04, m03, m02, m01, m00, m11, m12)
  END AS f10,
  CASE
    WHEN first_month > 11 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m11 IS NOT NULL THEN m11
    WHEN last_month < 11 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m10, m09, m08, m07, m06, m05, m04, m03, m02, m01, m00, m12)
  END AS f11,
  CASE
    WHEN first_month > 12 THEN CAST(0 AS DECIMAL(20,2))
    WHEN m12 IS NOT NULL THEN m12
    WHEN last_month < 12 THEN CAST(0 AS DECIMAL(20,2))
    ELSE coalesce(m11, m10, m09, m08, m07, m06, m05, m04, m03, m02, m01, m00)
  END AS f12,
  CASE WHEN m01 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m02 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m03 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m04 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m05 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m06 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m07 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m08 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m09 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m10 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m11 IS NOT NULL THEN 1 ELSE 0 END
    + CASE WHEN m12 IS NOT NULL THEN 1 ELSE 0 END AS months_present,
  CASE WHEN first_month <= 1 AND last_month >= 1 AND m01 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 2 AND last_month >= 2 AND m02 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 3 AND last_month >= 3 AND m03 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 4 AND last_month >= 4 AND m04 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 5 AND last_month >= 5 AND m05 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 6 AND last_month >= 6 AND m06 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 7 AND last_month >= 7 AND m07 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 8 AND last_month >= 8 AND m08 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 9 AND last_month >= 9 AND m09 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 10 AND last_month >= 10 AND m10 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 11 AND last_month >= 11 AND m11 IS NULL THEN 1 ELSE 0 END
    + CASE WHEN first_month <= 12 AND last_month >= 12 AND m12 IS NULL THEN 1 ELSE 0 END AS months_missing
FROM inside
-- step: summed
SELECT
  loan_id,
  first_month,
  new_in_year,
  months_before_disbursement,
  months_present,
  months_missing,
  previous_december_balance,
  f12,
  given_sum,
  CASE WHEN first_month <= 12 AND m12 IS NULL AND f12 > 0 THEN true ELSE false END AS year_end_filled,
  CASE WHEN months_present > 0 OR months_missing = 0 THEN
    f01 + f02 + f03 + f04 + f05 + f06
    + f07 + f08 + f09 + f10 + f11 + f12
  END AS balance_sum
FROM filled
-- step: every
SELECT
  loan_id,
  first_month,
  new_in_year,
  0 AS months_before_disbursement,
  given AS months_present,
  0 AS months_missing,
  m00 AS previous_december_balance,
  CAST(coalesce(m12, CAST(0 AS DECIMAL(20,2))) AS DECIMAL(20,2)) AS f12,
  CAST(coalesce(total, CAST(0 AS DECIMAL(24,2))) AS DECIMAL(24,2)) AS given_sum,
  false AS year_end_filled,
  CAST(coalesce(total, CAST(0 AS DECIMAL(24,2))) AS DECIMAL(24,2)) AS balance_sum
FROM stand
WHERE whole
UNION ALL
SELECT
  loan_id,
  first_month,
  new_in_year,
  months_before_disbursement,
  months_present,
  months_missing,
  previous_december_balance,
  CAST(f12 AS DECIMAL(20,2)) AS f12,
  CAST(given_sum AS DECIMAL(24,2)) AS given_sum,
  year_end_filled,
  CAST(balance_sum AS DECIMAL(24,2)) AS balance_sum
FROM summed
-- step: divided
SELECT
  loan_id,
  first_month,
  new_in_year,
  months_before_disbursement,
  months_present,
  months_missing,
  previous_december_balance,
  f12,
  given_sum,
  year_end_filled,
  balance_sum,
  CASE WHEN first_month <= 12 THEN CAST(13 - first_month AS DECIMAL(2,0)) END AS months,
  CASE WHEN first_month <= 12 THEN as_money(ratio(balance_sum, 12)) END AS over_12_months,
  CASE WHEN first_month <= 12 THEN as_money(ratio(balance_sum, 13 - first_month)) END AS over_tenure
FROM every
-- step: rested
SELECT
  loan_id,
  first_month,
  new_in_year,
  months_before_disbursement,
  months_present,
  months_missing,
  previous_december_balance,
  f12,
  given_sum,
  year_end_filled,
  balance_sum,
  months,
  over_12_months,
  over_tenure,
  2 * (12 * over_12_months - balance_sum) AS over_12_rest,
  2 * (months * over_tenure - balance_sum) AS over_tenure_rest
FROM divided
-- step: result
SELECT
  loan_id,
  CASE
    WHEN first_month > 12 THEN 'after_year'
    WHEN balance_sum IS NULL THEN 'no_balance'
    WHEN months_missing > 0 THEN 'filled'
    ELSE 'complete'
  END AS balance_status,
  CASE WHEN first_month > 12 THEN 0 ELSE 13 - first_month END AS months_in_book,
  months_present,
  CASE WHEN first_month > 12 THEN 0 ELSE months_missing END AS months_missing,
  months_before_disbursement,
  CASE WHEN first_month <= 12 THEN balance_sum END AS balance_sum,
  CASE WHEN first_month <= 12 THEN balance_sum - given_sum END AS filled_sum,
  CAST(over_12_months + CASE
    WHEN balance_sum >= 0 AND over_12_rest <= CAST(-0.12 AS DECIMAL(3,2)) THEN CAST(0.01 AS DECIMAL(3,2))
    WHEN balance_sum >= 0 AND over_12_rest > CAST(0.12 AS DECIMAL(3,2)) THEN CAST(-0.01 AS DECIMAL(3,2))
    WHEN balance_sum < 0 AND over_12_rest >= CAST(0.12 AS DECIMAL(3,2)) THEN CAST(-0.01 AS DECIMAL(3,2))
    WHEN balance_sum < 0 AND over_12_rest < CAST(-0.12 AS DECIMAL(3,2)) THEN CAST(0.01 AS DECIMAL(3,2))
    ELSE CAST(0 AS DECIMAL(3,2))
  END AS DECIMAL(20,2)) AS over_12_months,
  CAST(over_tenure + CASE
    WHEN balance_sum >= 0 AND over_tenure_rest <= -months * CAST(0.01 AS DECIMAL(3,2)) THEN CAST(0.01 AS DECIMAL(3,2))
    WHEN balance_sum >= 0 AND over_tenure_rest > months * CAST(0.01 AS DECIMAL(3,2)) THEN CAST(-0.01 AS DECIMAL(3,2))
    WHEN balance_sum < 0 AND over_tenure_rest >= months * CAST(0.01 AS DECIMAL(3,2)) THEN CAST(-0.01 AS DECIMAL(3,2))
    WHEN balance_sum < 0 AND over_tenure_rest < -months * CAST(0.01 AS DECIMAL(3,2)) THEN CAST(0.01 AS DECIMAL(3,2))
    ELSE CAST(0 AS DECIMAL(3,2))
  END AS DECIMAL(20,2)) AS over_tenure,
  CASE WHEN first_month <= 12 AND balance_sum IS NOT NULL THEN f12 END AS year_end_balance,
  year_end_filled,
  CASE
    WHEN previous_december_balance IS NOT NULL THEN previous_december_balance
    WHEN new_in_year THEN CAST(0 AS DECIMAL(20,2))
  END AS year_begin_balance
FROM rested
