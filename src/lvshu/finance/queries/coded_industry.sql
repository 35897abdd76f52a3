-- The industry of enterprises whose register states none, where it was found from what they say they do: by people, or by
-- the machine as far down as it is sure enough (class, group or division). What the machine is not sure of to the
-- division, or abstained from, is not used. The setting machine_industry takes the machine's codes out, not those of
-- people. Estimates alone use it: what is in scope stays with the codes of the register and of the ledger.
-- Source: activity_code.
-- step: result
SELECT
  activity.uscc,
  activity.code AS industry_code,
  activity.best_code AS likeliest_code,
  activity.decision,
  CASE WHEN activity.decision = 'reviewed' THEN 'reviewed' ELSE 'machine' END AS found_by
FROM activity_code AS activity
JOIN enterprise ON enterprise.uscc = activity.uscc AND enterprise.industry_code IS NULL
WHERE activity.level IN ('class', 'group', 'division') AND activity.code IS NOT NULL
  AND (activity.decision = 'reviewed' OR (:machine_industry AND activity.decision IN ('coded', 'backed_off')))
