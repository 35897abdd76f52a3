-- The state of every reported or candidate label. Approved only where a reviewer signed; suspected otherwise, however
-- many words or codes speak for it. An approval against a condition that must be met is shown as contradicted, and a
-- label by a catalogue that was not in force is not in force, signed or not.
-- Source: conditions and decisions as the tables label_condition and label_decision have them.
-- step: listed
SELECT loan_id, theme, label_code,
  count(CASE WHEN finding = 'met' THEN 1 END) AS met,
  count(CASE WHEN finding = 'not_met' THEN 1 END) AS not_met,
  count(CASE WHEN finding = 'no_evidence' THEN 1 END) AS unproven,
  count(CASE WHEN finding = 'not_met' AND obligation = 'must' AND condition <> 'standard_in_force' THEN 1 END) AS broken,
  min(catalogue) AS catalogue
FROM label_condition
GROUP BY loan_id, theme, label_code
-- step: supported
SELECT DISTINCT loan_id, theme, label_code FROM label_candidate WHERE found_by <> 'reviewer'
-- step: signed
SELECT loan_id, theme,
  CASE WHEN theme = 'digital' AND substr(label_code, 1, 2) = 'DE' THEN substr(label_code, 3) ELSE label_code END
    AS label_code,
  catalogue, decision, reviewer, decided_on
FROM label_decision
-- step: result
SELECT
  listed.loan_id,
  listed.theme,
  listed.catalogue,
  listed.label_code,
  loan.institution_id,
  tag.loan_id IS NOT NULL AS reported,
  supported.loan_id IS NOT NULL AS candidate,
  CASE
    WHEN tag.catalogue_status IN ('not_yet_in_force', 'no_longer_in_force', 'unknown') THEN 'not_in_force'
    WHEN signed.decision = 'rejected' THEN 'rejected'
    WHEN signed.decision = 'approved' AND listed.broken > 0 THEN 'contradicted'
    WHEN signed.decision = 'approved' THEN 'approved'
    ELSE 'suspected'
  END AS status,
  signed.reviewer,
  signed.decided_on AS reviewed_on,
  listed.met AS conditions_met,
  listed.not_met AS conditions_not_met,
  listed.unproven AS conditions_open,
  balance.year_end_balance AS outstanding_amount
FROM listed
JOIN loan ON loan.loan_id = listed.loan_id
LEFT JOIN loan_average_balance AS balance ON balance.loan_id = listed.loan_id
LEFT JOIN label_tag AS tag
  ON tag.loan_id = listed.loan_id AND tag.theme = listed.theme AND tag.label_code = listed.label_code
LEFT JOIN supported
  ON supported.loan_id = listed.loan_id AND supported.theme = listed.theme AND supported.label_code = listed.label_code
LEFT JOIN signed
  ON signed.loan_id = listed.loan_id AND signed.theme = listed.theme AND signed.label_code = listed.label_code
  AND signed.catalogue = listed.catalogue
