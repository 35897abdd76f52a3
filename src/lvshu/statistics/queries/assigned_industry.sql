-- The industry of units whose row in the list of enterprises states none (or is not there): the class that people found,
-- failing that the one that another source states of the linked unit, failing that the likeliest by the machine. The
-- order is written here alone. A linked code that is no class of GB/T 4754-2017 (old, short, misspelt) displaces no code
-- of the machine; it stands where there is nothing else. linked_class does not heed what people found: which units an
-- audit of codes speaks for must not depend on who was reviewed.
-- Source: rule of this project; in sample cities the linked code is right more often than the machine's.
-- step: linked
SELECT unit.uscc, min(unit.industry_code) AS linked_code
FROM register_unit AS unit
LEFT JOIN enterprise AS register ON register.uscc = unit.uscc
WHERE unit.kind = 'enterprise' AND unit.uscc IS NOT NULL AND unit.industry_code IS NOT NULL
  AND register.industry_code IS NULL
GROUP BY unit.uscc
-- step: known
SELECT uscc FROM linked
UNION
SELECT uscc FROM activity_code
-- step: stated
SELECT
  known.uscc,
  CASE WHEN coded.decision = 'reviewed' THEN coded.best_code END AS reviewed_code,
  listed.code AS linked_class,
  coded.best_code AS machine_code,
  linked.linked_code
FROM known
LEFT JOIN linked ON linked.uscc = known.uscc
LEFT JOIN activity_code AS coded ON coded.uscc = known.uscc
LEFT JOIN pack_gbt4754_2017 AS listed ON listed.code = linked.linked_code AND listed.level = 'class'
-- step: result
SELECT
  uscc,
  coalesce(reviewed_code, linked_class, machine_code, linked_code) AS industry_code,
  CASE
    WHEN reviewed_code IS NOT NULL THEN 'reviewed'
    WHEN linked_class IS NOT NULL THEN 'linked'
    WHEN machine_code IS NOT NULL THEN 'machine'
    WHEN linked_code IS NOT NULL THEN 'linked'
    ELSE 'none'
  END AS assigned_by,
  linked_code,
  linked_class
FROM stated
