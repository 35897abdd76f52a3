-- The entity that a code leads to: credit codes, LEI, and the numbers of the list of companies.
-- A code that leads to several entities leads to none: it is left out.
-- step: every
SELECT uscc AS code, uscc AS entity_id FROM enterprise
UNION ALL
SELECT company_id AS code, coalesce(uscc, company_id) AS entity_id FROM company
UNION ALL
SELECT uscc AS code, uscc AS entity_id FROM company WHERE uscc IS NOT NULL
UNION ALL
SELECT lei AS code, coalesce(uscc, company_id) AS entity_id FROM company WHERE lei IS NOT NULL
-- step: result
SELECT code, min(entity_id) AS entity_id
FROM every
GROUP BY code
HAVING min(entity_id) = max(entity_id)
