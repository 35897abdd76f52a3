-- Items that each loan may belong to, on two bases: what the loan pays for (its industry code and, for green, its
-- purpose in words) and the client's main business (the register's industry code). Green items are looked for in
-- the catalogue of the loan's tag where that was in force, else in the applicable one. What rests on words, on
-- titles that are alike, on a starred class or on a doubtful code is starred. What a reviewer approved is a
-- candidate on both bases; what one rejected stays, marked.
-- Source: tag audit of technology, digital and elderly-care loans (decision table by codes with stars); words only
-- suggest and never approve.
-- step: chosen_catalogue
SELECT
  standard.loan_id,
  coalesce(min(CASE WHEN tag.theme = 'green' AND tag.catalogue_status = 'accepted' THEN tag.catalogue END),
    min(standard.catalogue)) AS catalogue
FROM label_standard AS standard
LEFT JOIN label_tag AS tag ON tag.loan_id = standard.loan_id
GROUP BY standard.loan_id
-- step: coded
SELECT loan.loan_id, 'purpose' AS basis, reading.given_code, reading.class_code, reading.sure
FROM loan
JOIN label_code_reading AS reading ON reading.given_code = loan.purpose_industry_code
WHERE reading.class_code IS NOT NULL
UNION ALL
SELECT loan.loan_id, 'borrower' AS basis, reading.given_code, reading.class_code, reading.sure
FROM loan
JOIN enterprise ON enterprise.uscc = loan.uscc
JOIN label_code_reading AS reading ON reading.given_code = enterprise.industry_code
WHERE reading.class_code IS NOT NULL
-- step: found
SELECT
  coded.loan_id,
  item.theme,
  coded.basis,
  CASE WHEN item.origin = 'catalogue' THEN 'industry_code' ELSE 'industry_title' END AS found_by,
  item.catalogue,
  item.label_code,
  item.partial OR NOT coded.sure AS starred,
  CASE WHEN item.origin = 'catalogue' THEN coded.given_code ELSE item.phrase END AS phrase,
  industry.name_zh AS sentence,
  item.score
FROM coded
JOIN label_item_code AS item ON item.class_code = coded.class_code
JOIN chosen_catalogue AS chosen ON chosen.loan_id = coded.loan_id
JOIN pack_gbt4754_2017 AS industry ON industry.code = coded.class_code
WHERE item.theme <> 'green' OR item.catalogue = chosen.catalogue
UNION ALL
SELECT
  loan.loan_id,
  words.theme,
  'purpose' AS basis,
  'purpose_text' AS found_by,
  words.catalogue,
  words.label_code,
  true AS starred,
  words.phrase,
  words.sentence,
  words.score
FROM loan
JOIN label_text AS words ON words.purpose_text = loan.purpose_text
JOIN chosen_catalogue AS chosen ON chosen.loan_id = loan.loan_id
WHERE NOT words.negated AND (words.theme <> 'green' OR words.catalogue = chosen.catalogue)
-- step: basis
SELECT 'purpose' AS basis
UNION ALL
SELECT 'borrower' AS basis
-- step: gathered
SELECT
  loan_id, theme, basis, found_by, catalogue, label_code,
  min(CASE WHEN starred THEN 1 ELSE 0 END) = 1 AS starred,
  min(phrase) AS phrase,
  min(sentence) AS sentence,
  max(score) AS score
FROM found
GROUP BY loan_id, theme, basis, found_by, catalogue, label_code
UNION ALL
SELECT
  decision.loan_id, decision.theme, basis.basis, 'reviewer' AS found_by, decision.catalogue, decision.label_code,
  false AS starred, decision.reviewer AS phrase, decision.note AS sentence, CAST(1 AS DOUBLE) AS score
FROM label_decision AS decision
CROSS JOIN basis
WHERE decision.decision = 'approved'
-- step: result
SELECT
  gathered.loan_id,
  gathered.theme,
  gathered.basis,
  gathered.found_by,
  gathered.catalogue,
  gathered.label_code,
  gathered.starred AND coalesce(decision.decision, 'none') <> 'approved' AS starred,
  gathered.phrase,
  gathered.sentence,
  gathered.score,
  decision.decision
FROM gathered
LEFT JOIN label_decision AS decision
  ON decision.loan_id = gathered.loan_id AND decision.theme = gathered.theme
  AND decision.catalogue = gathered.catalogue AND decision.label_code = gathered.label_code
