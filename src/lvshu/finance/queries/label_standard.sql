-- Which green standard each loan falls under. The catalogue in force on the day of disbursement; where the loan had
-- been approved before that catalogue was published, the historic standard: the one in force on the day of approval,
-- else the last one before. Where several are in force, the pack's default. Bonds have catalogues of their own.
-- Source: notice 银发〔2025〕132号, clauses 3 and 5; pack green_standard_periods (older passages not established).
-- step: dated
SELECT
  loan_id,
  CASE WHEN asset_class = 'listed_equity_bond' THEN 'bond' ELSE 'loan' END AS product,
  disbursed_on,
  approved_on
FROM loan
-- step: current_choice
SELECT
  dated.loan_id,
  dated.product,
  dated.disbursed_on,
  dated.approved_on,
  period.catalogue,
  period.effective_from,
  period.confidence,
  period.approved_before_keeps_former AND dated.approved_on < period.published_on AS kept,
  -- The notice does not say whether its date or the day on which it was put online is its publication.
  period.approved_before_keeps_former AND dated.approved_on >= period.published_on
    AND dated.approved_on < period.put_online_on AS day_in_doubt,
  row_number() OVER (
    PARTITION BY dated.loan_id
    ORDER BY CASE WHEN period.default_choice THEN 0 ELSE 1 END, period.effective_from DESC, period.catalogue
  ) AS place
FROM dated
JOIN pack_green_standard_periods AS period
  ON period.product = dated.product AND period.effective_from <= dated.disbursed_on
  AND (period.effective_to IS NULL OR dated.disbursed_on <= period.effective_to)
-- step: former_choice
SELECT
  chosen.loan_id,
  period.catalogue,
  row_number() OVER (
    PARTITION BY chosen.loan_id
    ORDER BY
      CASE WHEN period.effective_from <= chosen.approved_on
        AND (period.effective_to IS NULL OR chosen.approved_on <= period.effective_to) THEN 0 ELSE 1 END,
      CASE WHEN period.default_choice THEN 0 ELSE 1 END,
      period.effective_from DESC,
      period.catalogue
  ) AS place
FROM current_choice AS chosen
JOIN pack_green_standard_periods AS period
  ON period.product = chosen.product AND period.effective_from < chosen.effective_from
WHERE chosen.place = 1 AND chosen.kept
-- step: result
SELECT
  dated.loan_id,
  coalesce(former.catalogue, chosen.catalogue) AS catalogue,
  CASE
    WHEN chosen.catalogue IS NULL THEN 'no_standard'
    WHEN former.catalogue IS NOT NULL THEN 'approved_before_publication'
    WHEN dated.approved_on IS NULL THEN 'approval_unknown'
    ELSE 'in_force_at_disbursement'
  END AS reason,
  coalesce(chosen.confidence, 'not_established') = 'established'
    AND NOT coalesce(chosen.day_in_doubt, FALSE) AS rule_established,
  CASE WHEN former.catalogue IS NOT NULL THEN dated.approved_on ELSE dated.disbursed_on END AS decided_on_date
FROM dated
LEFT JOIN current_choice AS chosen ON chosen.loan_id = dated.loan_id AND chosen.place = 1
LEFT JOIN former_choice AS former ON former.loan_id = dated.loan_id AND former.place = 1
