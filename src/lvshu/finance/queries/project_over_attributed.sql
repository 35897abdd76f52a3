-- Projects of whose emission all loans of all institutions together are attributed more than there is: exposures above
-- the denominator, or attributed above the project's emission. One row for each institution; the book of one institution
-- has its own share without the totals, which would show the others'. Nothing is cut: a cap would change what each one reports.
-- Source: attributed_emission; identity of this project: the shares of one whole add up to at most 100 %.
-- step: by_institution
SELECT
  method,
  subject_id AS project_id,
  institution_id,
  count(*) AS loans,
  CAST(sum(exposure) AS DECIMAL(24,6)) AS exposure,
  CAST(sum(outstanding_amount) AS DECIMAL(24,6)) AS outstanding_amount,
  CAST(sum(emission) AS DECIMAL(24,6)) AS emission,
  max(denominator) AS denominator,
  max(entity_emission) AS project_emission
FROM attributed_emission
WHERE subject_kind = 'project' AND attribution_factor IS NOT NULL
GROUP BY method, subject_id, institution_id
-- step: whole
SELECT
  method,
  project_id,
  count(*) AS institutions,
  sum(exposure) AS exposure,
  sum(emission) AS emission
FROM by_institution
GROUP BY method, project_id
-- step: result
SELECT
  mine.method,
  mine.project_id,
  mine.institution_id,
  mine.loans,
  mine.exposure,
  mine.outstanding_amount,
  CAST(mine.denominator AS DECIMAL(20,2)) AS denominator,
  ratio(mine.exposure, mine.denominator) AS share,
  ratio(whole.exposure, mine.denominator) AS share_of_all,
  whole.institutions,
  mine.emission,
  CAST(whole.emission AS DECIMAL(24,6)) AS emission_of_all,
  mine.project_emission
FROM by_institution AS mine
JOIN whole ON whole.method = mine.method AND whole.project_id = mine.project_id
WHERE whole.exposure > mine.denominator OR whole.emission > mine.project_emission
