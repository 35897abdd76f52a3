-- Emission of each process of an enterprise or a project in the year: quantity x its own factor, else that of the pack.
-- A process without a factor keeps its row with an empty emission: it is a gap, not a zero (unless none was processed).
-- Source: energy method of the bank guide, the term of process emissions; pack process_factors.
-- step: used
SELECT
  CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END AS subject_kind,
  coalesce(project_id, uscc) AS subject_id,
  process_code,
  sum(quantity) AS quantity,
  sum(CASE WHEN factor IS NOT NULL THEN as_quantity(CAST(quantity AS DOUBLE) * CAST(factor AS DOUBLE)) END)
    AS own_emission,
  count(*) AS records,
  count(factor) AS own_factors,
  sum(CASE WHEN factor IS NULL THEN quantity END) AS rest
FROM process_return
WHERE year = :year
GROUP BY CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END, coalesce(project_id, uscc), process_code
-- step: joined
SELECT
  used.subject_kind,
  used.subject_id,
  used.process_code,
  used.quantity,
  used.records,
  used.own_factors,
  CASE
    WHEN used.rest IS NULL THEN used.own_emission
    WHEN used.rest = 0 THEN coalesce(used.own_emission, CAST(0 AS DECIMAL(24,6)))
    WHEN factor.factor IS NOT NULL THEN
      coalesce(used.own_emission, CAST(0 AS DECIMAL(24,6)))
      + as_quantity(CAST(used.rest AS DOUBLE) * CAST(factor.factor AS DOUBLE))
  END AS emission
FROM used
LEFT JOIN pack_process_factors AS factor ON factor.process_code = used.process_code
-- step: result
SELECT
  subject_kind,
  subject_id,
  process_code,
  CAST(quantity AS DECIMAL(24,6)) AS quantity,
  CASE WHEN quantity > 0 AND emission IS NOT NULL THEN as_quantity(ratio(emission, quantity)) END AS factor,
  CASE WHEN emission IS NULL THEN 'none' WHEN own_factors > 0 THEN 'own' ELSE 'pack' END AS factor_kind,
  CAST(emission AS DECIMAL(24,6)) AS emission
FROM joined
