-- Every name under which a company may stand: of the register, of the list of companies, and other names.
-- A company of the list that has a credit code is the same entity as the enterprise with that code.
-- step: listed
SELECT company_id, coalesce(uscc, company_id) AS entity_id, company_name FROM company
-- step: every
SELECT enterprise.uscc AS entity_id, enterprise.name AS name, 'register' AS kind FROM enterprise
UNION ALL
SELECT listed.entity_id, listed.company_name AS name, 'company' AS kind FROM listed
UNION ALL
SELECT coalesce(listed.entity_id, company_alias.company_id) AS entity_id, company_alias.alias AS name, 'alias' AS kind
FROM company_alias
LEFT JOIN listed ON listed.company_id = company_alias.company_id
-- step: result
SELECT DISTINCT entity_id, name, kind FROM every WHERE name IS NOT NULL
