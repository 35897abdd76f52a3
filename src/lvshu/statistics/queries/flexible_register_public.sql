-- Persons in the registers of flexible employment as published. Where a register, or those in one register only, or those
-- in several, are fewer than the smallest number that may be shown, all of that kind in the month are withheld: with the
-- others shown it would follow from what any register holds. A register that is withheld in one month is so in all: the
-- year's mean and the other months would tell that one (as in flexible_employment_month). Persons of all registers less those in any are the persons
-- in several (in three they count twice): where those are few, the registers themselves are withheld.
-- Source: Hundepool et al., Statistical Disclosure Control (2012), on frequency tables and linked tables.
-- step: rule
SELECT minimum_count AS least
FROM pack_disclosure_rules
WHERE subject = 'person'
-- step: few
SELECT
  register.month,
  CAST(sum(CASE WHEN register.persons > 0 AND register.persons < rule.least THEN 1 ELSE 0 END) AS BIGINT)
    + CASE
      WHEN sum(CASE WHEN register.register_code = 'any' THEN -register.persons ELSE register.persons END) > 0
        AND sum(CASE WHEN register.register_code = 'any' THEN -register.persons ELSE register.persons END) < max(rule.least)
        THEN 1
      ELSE 0
    END AS registers,
  CAST(sum(
    CASE
      WHEN register.only_here > 0 AND register.only_here < rule.least THEN 1
      WHEN register.persons > register.only_here AND register.persons - register.only_here < rule.least THEN 1
      ELSE 0
    END
  ) AS BIGINT) AS parts
FROM flexible_register AS register
CROSS JOIN rule
GROUP BY register.month
-- step: year
SELECT sum(registers) AS registers
FROM few
-- step: result
SELECT
  register.month,
  register.register_code,
  CASE WHEN year.registers > 0 THEN 'suppressed' ELSE 'shown' END AS status,
  CASE WHEN year.registers > 0 THEN NULL ELSE register.persons END AS persons,
  CASE WHEN year.registers + few.parts > 0 THEN 'suppressed' ELSE 'shown' END AS only_status,
  CASE WHEN year.registers + few.parts > 0 THEN NULL ELSE register.only_here END AS only_here
FROM flexible_register AS register
JOIN few ON few.month = register.month
CROSS JOIN year
