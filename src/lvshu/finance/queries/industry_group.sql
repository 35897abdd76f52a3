-- The group of high-carbon industries of each GB/T 4754-2017 class in use, by accounting method.
-- A listed code may be a class, a group or a division: it covers every class that begins with it.
-- method '*' holds the union of all lists, for tables that belong to no single method.
-- Source: pack finance_scope_industries.
-- step: class_in_use
SELECT industry_code AS class_code FROM enterprise WHERE industry_code IS NOT NULL
UNION
SELECT purpose_industry_code AS class_code FROM loan WHERE purpose_industry_code IS NOT NULL
UNION
SELECT industry_code AS class_code FROM project WHERE industry_code IS NOT NULL
-- step: by_method
SELECT
  listed.method,
  class_in_use.class_code,
  min(listed.group_code) AS group_code
FROM class_in_use
JOIN pack_finance_scope_industries AS listed
  ON listed.gbt4754_code = substr(class_in_use.class_code, 1, length(listed.gbt4754_code))
GROUP BY listed.method, class_in_use.class_code
-- step: result
SELECT method, class_code, group_code FROM by_method
UNION ALL
SELECT '*' AS method, class_code, min(group_code) AS group_code FROM by_method GROUP BY class_code
