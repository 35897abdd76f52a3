-- The check of labels, one row per loan, theme and basis. Matched items against the labels reported:
--   none matched, none reported: correct; none matched, something reported: excess (多报)
--   matched, all reported labels among them: correct, or suspected correct where an item is starred
--   matched, nothing reported: missing (漏报), or suspected missing where an item is starred
--   matched, a reported label not among them: wrong (错报)
-- A reported label may be coarser than the item. Green labels count only with a catalogue in force. Where there is
-- no industry code (for green on the purpose basis: no code and no purpose in words), or no searchable catalogue,
-- the loan cannot be checked; it stays in the table. Nor can a green label whose item, with all below it, no industry
-- class is linked to: it is called neither excess nor, where only words speak for another item, wrong; unless
-- a reviewer or the purpose in words denies it.
-- Source: decision table of a published audit script of technology, digital and elderly-care loan ledgers.
-- step: theme
SELECT DISTINCT theme FROM label_item
-- step: basis
SELECT 'purpose' AS basis
UNION ALL
SELECT 'borrower' AS basis
-- step: searchable
SELECT DISTINCT catalogue FROM label_item WHERE searchable
-- step: readable
SELECT given_code, max(CASE WHEN class_code IS NOT NULL THEN 1 ELSE 0 END) AS readable
FROM label_code_reading
GROUP BY given_code
-- step: chosen
SELECT
  standard.loan_id,
  coalesce(min(CASE WHEN tag.theme = 'green' AND tag.catalogue_status = 'accepted' THEN tag.catalogue END),
    min(standard.catalogue)) AS catalogue
FROM label_standard AS standard
LEFT JOIN label_tag AS tag ON tag.loan_id = standard.loan_id
GROUP BY standard.loan_id
-- step: loan_state
SELECT
  loan.loan_id,
  loan.institution_id,
  coalesce(by_purpose.readable, 0) AS purpose_readable,
  coalesce(by_borrower.readable, 0) AS borrower_readable,
  CASE WHEN loan.purpose_text IS NOT NULL THEN 1 ELSE 0 END AS worded,
  CASE WHEN searchable.catalogue IS NOT NULL THEN 1 ELSE 0 END AS green_searchable,
  balance.year_end_balance
FROM loan
LEFT JOIN enterprise ON enterprise.uscc = loan.uscc
LEFT JOIN readable AS by_purpose ON by_purpose.given_code = loan.purpose_industry_code
LEFT JOIN readable AS by_borrower ON by_borrower.given_code = enterprise.industry_code
LEFT JOIN chosen ON chosen.loan_id = loan.loan_id
LEFT JOIN searchable ON searchable.catalogue = chosen.catalogue
LEFT JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
-- step: usable
SELECT loan_id, theme, basis, label_code, max(CASE WHEN starred THEN 1 ELSE 0 END) AS starred
FROM label_candidate
WHERE coalesce(decision, 'none') <> 'rejected' AND (theme = 'green' OR found_by <> 'purpose_text')
GROUP BY loan_id, theme, basis, label_code
-- step: matched
SELECT loan_id, theme, basis, count(*) AS items, max(starred) AS starred
FROM usable
GROUP BY loan_id, theme, basis
-- step: worded
SELECT DISTINCT loan_id, theme FROM label_candidate WHERE found_by = 'purpose_text'
-- step: reported
SELECT loan_id, theme, count(*) AS labels
FROM label_tag
GROUP BY loan_id, theme
-- step: hit
SELECT usable.loan_id, usable.theme, usable.basis, count(DISTINCT tag.label_code) AS labels
FROM label_tag AS tag
JOIN usable ON usable.loan_id = tag.loan_id AND usable.theme = tag.theme
WHERE (tag.theme <> 'green' OR tag.catalogue_status IN ('accepted', 'not_named'))
  AND (
    usable.label_code = tag.label_code
    OR (tag.theme = 'green' AND substr(usable.label_code, 1, length(tag.label_code) + 1) = concat(tag.label_code, '.'))
    OR (tag.theme <> 'green' AND substr(usable.label_code, 1, length(tag.label_code)) = tag.label_code)
  )
GROUP BY usable.loan_id, usable.theme, usable.basis
-- step: denied
SELECT loan_id, label_code FROM label_candidate WHERE theme = 'green' AND decision = 'rejected'
UNION
SELECT loan.loan_id, words.label_code
FROM loan
JOIN label_text AS words ON words.purpose_text = loan.purpose_text
WHERE words.theme = 'green' AND words.negated
-- step: linked
SELECT DISTINCT catalogue, label_code FROM label_item_code WHERE theme = 'green'
-- step: unlinked
SELECT tag.loan_id, count(*) AS labels
FROM (SELECT DISTINCT loan_id, label_code FROM label_tag WHERE theme = 'green') AS tag
JOIN chosen ON chosen.loan_id = tag.loan_id
LEFT JOIN (
  SELECT DISTINCT tag.loan_id, tag.label_code
  FROM label_tag AS tag
  JOIN chosen ON chosen.loan_id = tag.loan_id
  JOIN linked ON linked.catalogue = chosen.catalogue
    AND (linked.label_code = tag.label_code
      OR substr(linked.label_code, 1, length(tag.label_code) + 1) = concat(tag.label_code, '.'))
  WHERE tag.theme = 'green'
) AS known ON known.loan_id = tag.loan_id AND known.label_code = tag.label_code
LEFT JOIN denied ON denied.loan_id = tag.loan_id AND denied.label_code = tag.label_code
WHERE known.label_code IS NULL AND denied.label_code IS NULL
GROUP BY tag.loan_id
-- step: compared
SELECT
  state.loan_id,
  theme.theme,
  basis.basis,
  state.institution_id,
  coalesce(matched.items, 0) AS matched_items,
  coalesce(matched.starred, 0) = 1 AS starred,
  coalesce(reported.labels, 0) AS reported_labels,
  coalesce(reported.labels, 0) > 0 AND coalesce(hit.labels, 0) = coalesce(reported.labels, 0) AS reported_matched,
  worded.loan_id IS NOT NULL AS keyword_evidence,
  coalesce(unlinked.labels, 0) > 0 AS unlinked,
  CASE
    WHEN theme.theme = 'green' AND state.green_searchable = 0 THEN false
    WHEN basis.basis = 'borrower' THEN state.borrower_readable = 1
    WHEN theme.theme = 'green' THEN state.purpose_readable = 1 OR state.worded = 1
    ELSE state.purpose_readable = 1
  END AS checkable,
  state.year_end_balance
FROM loan_state AS state
CROSS JOIN theme
CROSS JOIN basis
LEFT JOIN matched ON matched.loan_id = state.loan_id AND matched.theme = theme.theme AND matched.basis = basis.basis
LEFT JOIN reported ON reported.loan_id = state.loan_id AND reported.theme = theme.theme
LEFT JOIN hit ON hit.loan_id = state.loan_id AND hit.theme = theme.theme AND hit.basis = basis.basis
LEFT JOIN unlinked ON unlinked.loan_id = state.loan_id AND theme.theme = 'green'
LEFT JOIN worded ON worded.loan_id = state.loan_id AND worded.theme = theme.theme
-- step: result
SELECT
  loan_id,
  theme,
  basis,
  institution_id,
  matched_items,
  starred,
  reported_labels,
  reported_matched,
  CASE
    WHEN NOT checkable AND matched_items = 0 THEN 'not_checkable'
    WHEN matched_items = 0 AND reported_labels = 0 THEN 'correct'
    WHEN unlinked AND NOT reported_matched AND (matched_items = 0 OR starred) THEN 'not_checkable'
    WHEN matched_items = 0 THEN 'excess'
    WHEN reported_labels = 0 AND starred THEN 'suspected_missing'
    WHEN reported_labels = 0 THEN 'missing'
    WHEN NOT reported_matched THEN 'wrong'
    WHEN starred THEN 'suspected_correct'
    ELSE 'correct'
  END AS verdict,
  keyword_evidence,
  year_end_balance AS outstanding_amount
FROM compared
