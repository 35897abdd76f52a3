-- Units of the register: what records they are made of, their latest attributes, and when they were born and ended.
-- Source: lvshu's own life-cycle; definitions after Eurostat/OECD, Manual on Business Demography Statistics (2007).
-- Of deliveries side by side the latest row of each record counts; records no longer delivered keep their unit.
-- An end that a record states holds unless another record was delivered after it without an end; the list of
-- enterprises has no date of its own and speaks neither for life nor against it.
-- step: delivered
SELECT
  'enterprise' AS kind, source, record_id, name, district_code, industry_code, registered_on AS born_on,
  ceased_on AS ended_on, delivered_on,
  min(CASE WHEN ceased_on IS NOT NULL THEN delivered_on END) OVER (PARTITION BY source, record_id) AS end_seen_on,
  row_number() OVER (PARTITION BY source, record_id ORDER BY delivered_on DESC) AS age
FROM enterprise_extract
UNION ALL
SELECT
  'person' AS kind, source, record_id, CAST(NULL AS VARCHAR) AS name, district_code,
  CAST(NULL AS VARCHAR) AS industry_code, CAST(NULL AS DATE) AS born_on, CAST(NULL AS DATE) AS ended_on, delivered_on,
  CAST(NULL AS DATE) AS end_seen_on,
  row_number() OVER (PARTITION BY source, record_id ORDER BY delivered_on DESC) AS age
FROM person_extract
-- step: record
SELECT
  'enterprise' AS kind,
  concat('register|', uscc) AS record_key,
  name,
  district_code,
  industry_code,
  registered_on AS born_on,
  CAST(NULL AS DATE) AS ended_on,
  CAST(NULL AS DATE) AS seen_on,
  CAST(NULL AS DATE) AS end_seen_on,
  0 AS place
FROM enterprise
UNION ALL
SELECT
  kind,
  concat(source, '|', record_id) AS record_key,
  name,
  district_code,
  industry_code,
  born_on,
  ended_on,
  delivered_on AS seen_on,
  end_seen_on,
  1 AS place
FROM delivered
WHERE age = 1
-- step: member
SELECT
  m.kind,
  m.unit_id,
  m.record_key,
  m.source,
  m.code,
  m.valid_from,
  r.name,
  r.district_code,
  r.industry_code,
  r.born_on,
  r.ended_on,
  coalesce(r.seen_on, m.valid_from) AS seen_on,
  r.end_seen_on,
  coalesce(r.place, 2) AS place
FROM register_member AS m
LEFT JOIN record AS r ON r.kind = m.kind AND r.record_key = m.record_key
-- step: ranked
SELECT
  kind, unit_id, record_key, code, name, district_code, industry_code,
  row_number() OVER (PARTITION BY kind, unit_id ORDER BY CASE WHEN code IS NULL THEN 1 ELSE 0 END, place, valid_from DESC, record_key) AS by_code,
  row_number() OVER (PARTITION BY kind, unit_id ORDER BY CASE WHEN name IS NULL THEN 1 ELSE 0 END, place, valid_from DESC, record_key) AS by_name,
  row_number() OVER (PARTITION BY kind, unit_id ORDER BY CASE WHEN district_code IS NULL THEN 1 ELSE 0 END, place, valid_from DESC, record_key) AS by_district,
  row_number() OVER (PARTITION BY kind, unit_id ORDER BY CASE WHEN industry_code IS NULL THEN 1 ELSE 0 END, place, valid_from DESC, record_key) AS by_industry
FROM member
-- step: latest
SELECT
  kind,
  unit_id,
  max(CASE WHEN by_code = 1 THEN code END) AS code,
  max(CASE WHEN by_name = 1 THEN name END) AS name,
  max(CASE WHEN by_district = 1 THEN district_code END) AS district_code,
  max(CASE WHEN by_industry = 1 THEN industry_code END) AS industry_code
FROM ranked
GROUP BY kind, unit_id
-- step: ending
SELECT kind, unit_id, max(ended_on) AS ended_on
FROM member
WHERE ended_on IS NOT NULL
GROUP BY kind, unit_id
-- step: summed
SELECT
  m.kind,
  m.unit_id,
  count(*) AS records,
  count(DISTINCT m.source) AS source_count,
  min(m.source) AS first_source,
  max(m.source) AS last_source,
  count(DISTINCT m.code) AS codes,
  min(m.born_on) AS born_on,
  sum(CASE WHEN m.ended_on IS NULL AND m.place = 1 AND m.seen_on > e.ended_on THEN 1 ELSE 0 END) AS living,
  max(m.ended_on) AS ended_on,
  max(m.end_seen_on) AS end_seen_on,
  min(m.valid_from) AS first_seen_on,
  max(m.seen_on) AS last_seen_on
FROM member AS m
LEFT JOIN ending AS e ON e.kind = m.kind AND e.unit_id = m.unit_id
GROUP BY m.kind, m.unit_id
-- step: closed
SELECT from_code AS code, min(on_date) AS closed_on
FROM unit_event AS one
WHERE
  event = 'closure'
  OR (
    event = 'merger'
    AND NOT EXISTS (
      SELECT 1
      FROM unit_event AS back
      WHERE back.event = 'merger' AND back.from_code = one.to_code AND back.to_code = one.from_code
    )
  )
GROUP BY from_code
-- step: result
SELECT
  s.kind,
  s.unit_id,
  s.records,
  s.source_count,
  s.first_source,
  s.last_source,
  CASE WHEN s.kind = 'enterprise' THEN l.code END AS uscc,
  s.codes,
  l.name,
  l.district_code,
  l.industry_code,
  coalesce(s.born_on, s.first_seen_on) AS born_on,
  coalesce(c.closed_on, CASE WHEN s.living = 0 THEN s.ended_on END) AS ended_on,
  coalesce(c.closed_on, CASE WHEN s.living = 0 THEN s.end_seen_on END) AS end_known_on,
  s.first_seen_on,
  s.last_seen_on
FROM summed AS s
JOIN latest AS l ON l.kind = s.kind AND l.unit_id = s.unit_id
LEFT JOIN closed AS c
  ON c.code = l.code AND s.kind = 'enterprise' AND c.closed_on >= coalesce(s.born_on, s.first_seen_on)
