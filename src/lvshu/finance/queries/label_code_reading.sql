-- What each industry code of ledger and register is in GB/T 4754-2017: a class, a retired code of the 2011
-- edition with its successors, a division or group, or unknown. A code that meant something else in 2011 is kept
-- but not sure. One row per successor.
-- Source: packs gbt4754_2017 and gbt4754_2011_map (concordance by titles; shares of split classes are not known).
-- step: given
SELECT purpose_industry_code AS given_code FROM loan WHERE purpose_industry_code IS NOT NULL
UNION
SELECT industry_code AS given_code FROM enterprise WHERE industry_code IS NOT NULL
-- step: successor
SELECT
  code_2011,
  count(DISTINCT code_2017) AS successors,
  max(CASE WHEN relation = 'code_reused' THEN 1 ELSE 0 END) AS reused
FROM pack_gbt4754_2011_map
GROUP BY code_2011
-- step: kind
SELECT
  given.given_code,
  CASE
    WHEN code.level = 'class' AND coalesce(successor.reused, 0) = 1 THEN 'reused'
    WHEN code.level = 'class' THEN 'valid'
    WHEN code.level IS NOT NULL THEN 'above_class'
    WHEN successor.successors = 1 THEN 'retired'
    WHEN successor.successors > 1 THEN 'retired_split'
    ELSE 'unknown'
  END AS reading
FROM given
LEFT JOIN pack_gbt4754_2017 AS code ON code.code = given.given_code
LEFT JOIN successor ON successor.code_2011 = given.given_code
-- step: result
SELECT kind.given_code, kind.reading,
  CASE WHEN kind.reading IN ('valid', 'reused') THEN kind.given_code END AS class_code,
  kind.reading = 'valid' AS sure
FROM kind
WHERE kind.reading NOT IN ('retired', 'retired_split')
UNION ALL
SELECT kind.given_code, kind.reading, concordance.code_2017 AS class_code, false AS sure
FROM kind
JOIN pack_gbt4754_2011_map AS concordance ON concordance.code_2011 = kind.given_code AND concordance.code_2017 IS NOT NULL
WHERE kind.reading IN ('retired', 'retired_split')
