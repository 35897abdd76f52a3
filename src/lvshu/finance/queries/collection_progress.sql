-- How far the collection of each locked list is: clients, amounts and attributed emission by lead branch and state.
-- Source: formal_list, client_state, attributed_emission.
-- step: financed
SELECT
  financed.method,
  financed.institution_id,
  coalesce(subject.uscc, 'none') AS uscc,
  CASE WHEN financed.subject_kind = 'project' THEN coalesce(financed.subject_id, 'none') ELSE 'none' END AS project_id,
  financed.emission
FROM attributed_emission AS financed
JOIN loan_subject AS subject ON subject.loan_id = financed.loan_id
-- step: client_emission
SELECT method, institution_id, uscc, project_id, sum(emission) AS emission
FROM financed
GROUP BY method, institution_id, uscc, project_id
-- step: result
SELECT
  formal.list_id,
  formal.lead_branch_code AS branch_code,
  coalesce(present.state, 'formal') AS state,
  count(*) AS clients,
  sum(formal.exposure) AS exposure,
  sum(formal.outstanding_amount) AS outstanding_amount,
  sum(client_emission.emission) AS emission
FROM formal_list AS formal
LEFT JOIN client_state AS present
  ON present.list_id = formal.list_id AND present.uscc = formal.uscc
  AND coalesce(present.project_id, 'none') = coalesce(formal.project_id, 'none')
LEFT JOIN client_emission
  ON client_emission.method = formal.method AND client_emission.institution_id = formal.institution_id
  AND client_emission.uscc = formal.uscc AND client_emission.project_id = coalesce(formal.project_id, 'none')
WHERE formal.year = :year
GROUP BY formal.list_id, formal.lead_branch_code, coalesce(present.state, 'formal')
