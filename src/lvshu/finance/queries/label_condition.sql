-- The checklist: every condition of every reported or candidate label (on the purpose basis). Met, not met, or no
-- evidence, with the sentence. What a document must show is never assumed: without a row of label_evidence it has
-- no evidence.
-- Source: pack label_conditions, each row with its clause; evidence by the bank.
-- step: pair
SELECT loan_id, theme, label_code, catalogue, catalogue_status FROM label_tag
UNION ALL
SELECT candidate.loan_id, candidate.theme, candidate.label_code, candidate.catalogue, 'accepted' AS catalogue_status
FROM label_candidate AS candidate
LEFT JOIN label_tag AS tag
  ON tag.loan_id = candidate.loan_id AND tag.theme = candidate.theme AND tag.label_code = candidate.label_code
WHERE candidate.basis = 'purpose' AND tag.loan_id IS NULL
-- step: single
SELECT loan_id, theme, label_code, min(catalogue) AS catalogue, min(catalogue_status) AS catalogue_status
FROM pair
GROUP BY loan_id, theme, label_code
-- step: proof
SELECT loan_id, theme,
  CASE WHEN theme = 'digital' AND substr(label_code, 1, 2) = 'DE' THEN substr(label_code, 3) ELSE label_code END
    AS label_code,
  condition,
  min(CASE WHEN finding = 'not_met' THEN 0 ELSE 1 END) AS met,
  min(sentence) AS sentence,
  min(document) AS document
FROM label_evidence
GROUP BY loan_id, theme,
  CASE WHEN theme = 'digital' AND substr(label_code, 1, 2) = 'DE' THEN substr(label_code, 3) ELSE label_code END,
  condition
-- step: result
SELECT
  single.loan_id,
  single.theme,
  single.catalogue,
  single.label_code,
  rule.condition,
  rule.obligation,
  CASE
    WHEN proof.met = 1 THEN 'met'
    WHEN proof.met = 0 THEN 'not_met'
    WHEN rule.check_kind = 'standard_in_force' AND single.catalogue IS NULL THEN 'no_evidence'
    WHEN rule.check_kind = 'standard_in_force' AND single.catalogue_status IN ('accepted', 'not_named') THEN 'met'
    WHEN rule.check_kind = 'standard_in_force' THEN 'not_met'
    WHEN rule.check_kind = 'purpose_stated' AND loan.purpose_text IS NOT NULL THEN 'met'
    ELSE 'no_evidence'
  END AS finding,
  CASE
    WHEN proof.met IS NOT NULL THEN proof.sentence
    WHEN rule.check_kind = 'purpose_stated' THEN loan.purpose_text
  END AS sentence,
  CASE
    WHEN proof.met IS NOT NULL THEN proof.document
    WHEN rule.check_kind = 'standard_in_force' THEN single.catalogue
    WHEN rule.check_kind = 'purpose_stated' AND loan.purpose_text IS NOT NULL THEN 'loan.purpose_text'
  END AS document
FROM single
JOIN loan ON loan.loan_id = single.loan_id
JOIN pack_label_conditions AS rule
  ON rule.theme = single.theme
  AND (rule.catalogue = '*' OR rule.catalogue = single.catalogue)
  AND (rule.code = '*' OR rule.code = single.label_code)
LEFT JOIN proof
  ON proof.loan_id = single.loan_id AND proof.theme = single.theme AND proof.label_code = single.label_code
  AND proof.condition = rule.condition
