-- The industry of enterprises whose register states none: the class that people found, failing that the one that another
-- source states of the linked unit, failing that the machine's as far down as it is sure enough (class, group or
-- division), failing that a group or division that another source states. What the machine is not sure of to the division,
-- or abstained from, is not used; nor is a linked code outside GB/T 4754-2017. The setting machine_industry takes the
-- machine's codes out, not those of people or sources. Estimates alone use it: what is in scope stays with the codes of
-- the register and of the ledger.
-- Source: the order of assigned_industry; activity_code.
-- step: known
SELECT
  enterprise.uscc,
  activity.decision,
  CASE WHEN activity.decision = 'reviewed' THEN activity.code END AS reviewed_code,
  assigned.linked_class,
  CASE WHEN :machine_industry AND activity.decision IN ('coded', 'backed_off')
    AND activity.level IN ('class', 'group', 'division') THEN activity.code END AS machine_code,
  listed.code AS linked_level,
  activity.best_code
FROM enterprise
LEFT JOIN activity_code AS activity ON activity.uscc = enterprise.uscc
LEFT JOIN assigned_industry AS assigned ON assigned.uscc = enterprise.uscc
LEFT JOIN pack_gbt4754_2017 AS listed
  ON listed.code = assigned.linked_code AND listed.level IN ('group', 'division')
WHERE enterprise.industry_code IS NULL
-- step: chosen
SELECT
  uscc,
  decision,
  best_code,
  coalesce(reviewed_code, linked_class, machine_code, linked_level) AS industry_code,
  CASE
    WHEN reviewed_code IS NOT NULL THEN 'reviewed'
    WHEN linked_class IS NOT NULL THEN 'linked'
    WHEN machine_code IS NOT NULL THEN 'machine'
    ELSE 'linked'
  END AS found_by
FROM known
WHERE coalesce(reviewed_code, linked_class, machine_code, linked_level) IS NOT NULL
-- step: result
SELECT
  uscc,
  industry_code,
  CASE WHEN found_by = 'linked' THEN industry_code ELSE best_code END AS likeliest_code,
  CASE WHEN found_by = 'linked' THEN 'linked' ELSE decision END AS decision,
  found_by
FROM chosen
