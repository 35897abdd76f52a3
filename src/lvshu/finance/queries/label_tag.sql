-- The labels that the bank reports: those of the table label_claim and the green label of the ledger, codes of the
-- digital classification without the prefix DE, each with its catalogue and whether that was in force on the day
-- that decides (see label_standard). A label without a catalogue is read in the applicable one.
-- Source: pack green_standard_periods; the table label_item for what codes there are.
-- step: reported
SELECT loan_id, theme,
  CASE WHEN theme = 'digital' AND substr(label_code, 1, 2) = 'DE' THEN substr(label_code, 3) ELSE label_code END
    AS label_code,
  catalogue
FROM label_claim
UNION ALL
SELECT loan_id, 'green' AS theme, green_label AS label_code, green_catalogue AS catalogue
FROM loan
WHERE green_label IS NOT NULL
-- step: single
SELECT loan_id, theme, label_code, max(catalogue) AS catalogue
FROM reported
GROUP BY loan_id, theme, label_code
-- step: own_catalogue
SELECT theme, min(catalogue) AS catalogue
FROM label_item
WHERE theme <> 'green'
GROUP BY theme
-- step: readings
SELECT
  single.loan_id,
  single.theme,
  single.label_code,
  coalesce(single.catalogue, own_catalogue.catalogue, standard.catalogue) AS catalogue,
  CASE
    WHEN single.catalogue IS NULL THEN 'not_named'
    WHEN single.theme <> 'green' AND single.catalogue = own_catalogue.catalogue THEN 'accepted'
    WHEN single.theme <> 'green' THEN 'unknown'
    WHEN single.catalogue = standard.catalogue THEN 'accepted'
    WHEN period.catalogue IS NULL THEN 'unknown'
    WHEN standard.decided_on_date < period.effective_from THEN 'not_yet_in_force'
    WHEN standard.decided_on_date > period.effective_to THEN 'no_longer_in_force'
    ELSE 'accepted'
  END AS catalogue_status
FROM single
JOIN loan ON loan.loan_id = single.loan_id
LEFT JOIN label_standard AS standard ON standard.loan_id = single.loan_id
LEFT JOIN own_catalogue ON own_catalogue.theme = single.theme
LEFT JOIN pack_green_standard_periods AS period
  ON period.catalogue = single.catalogue
  AND period.product = CASE WHEN loan.asset_class = 'listed_equity_bond' THEN 'bond' ELSE 'loan' END
-- step: result
SELECT
  readings.loan_id,
  readings.theme,
  readings.label_code,
  readings.catalogue,
  readings.catalogue_status,
  item.label_code IS NOT NULL AS code_known
FROM readings
LEFT JOIN label_item AS item
  ON item.theme = readings.theme AND item.catalogue = readings.catalogue AND item.label_code = readings.label_code
