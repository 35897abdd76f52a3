-- How far the forms of each platform and month are: the last step, how often they were taken, how many values changed.
-- Source: the audit trail that lvshu forms writes (form_event).
-- step: latest
SELECT platform_uscc, month, max(event_id) AS event_id
FROM form_event
GROUP BY platform_uscc, month
-- step: counted
SELECT
  platform_uscc,
  month,
  sum(CASE WHEN to_state = 'received' THEN 1 ELSE 0 END) AS submissions,
  sum(coalesce(values_changed, 0)) AS values_changed
FROM form_event
GROUP BY platform_uscc, month
-- step: result
SELECT
  counted.platform_uscc,
  counted.month,
  step.to_state AS state,
  step.at,
  step.user,
  CAST(counted.submissions AS INTEGER) AS submissions,
  CAST(counted.values_changed AS INTEGER) AS values_changed
FROM counted
JOIN latest ON latest.platform_uscc = counted.platform_uscc AND latest.month = counted.month
JOIN form_event AS step ON step.event_id = latest.event_id
