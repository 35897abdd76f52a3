-- Removals, credits and avoided emissions attributed, by method, institution, branch and kind.
-- Source: attributed_apart.
SELECT
  method,
  institution_id,
  coalesce(branch_code, 'none') AS branch_code,
  kind,
  count(*) AS positions,
  sum(quantity) AS quantity
FROM attributed_apart
GROUP BY method, institution_id, coalesce(branch_code, 'none'), kind
