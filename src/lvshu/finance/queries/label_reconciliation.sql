-- The reconciliation table: loans and balances by institution, theme, basis and verdict, with shares. Every loan has
-- one verdict for each theme and basis, so each group adds up to the institution's whole loan book.
-- Source: decision table and summary of a published audit script of loan ledgers; the rows are in label_check.
-- step: whole
SELECT institution_id, theme, basis, count(*) AS loans, sum(outstanding_amount) AS amount
FROM label_check
GROUP BY institution_id, theme, basis
-- step: part
SELECT
  institution_id, theme, basis, verdict,
  count(*) AS loans,
  sum(outstanding_amount) AS amount,
  count(CASE WHEN keyword_evidence THEN 1 END) AS loans_with_words,
  sum(CASE WHEN keyword_evidence THEN outstanding_amount END) AS amount_with_words
FROM label_check
GROUP BY institution_id, theme, basis, verdict
-- step: result
SELECT
  part.institution_id,
  part.theme,
  part.basis,
  part.verdict,
  part.loans,
  part.amount AS outstanding_amount,
  ratio(part.loans, whole.loans) AS share_of_loans,
  ratio(part.amount, whole.amount) AS share_of_amount,
  part.loans_with_words,
  part.amount_with_words
FROM part
JOIN whole ON whole.institution_id = part.institution_id AND whole.theme = part.theme AND whole.basis = part.basis
