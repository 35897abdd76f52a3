-- Balances and reports whose size differs by a thousand or ten thousand times from what they compare with: 万元 for 元
-- (10^4), kg for t or t for 1e3 t (10^3), 万吨 for 吨 (10^4). Told as suspicions, never corrected.
-- Branch balances: the mean year-end or average balance of a branch's loans against their contract amounts (both from
-- the ledger), and against the mean of the institution's other branches. A reported emission: against the estimate
-- by energy, by revenue, and against the same subject's report of the year before. A process: its quantity against the
-- year before, its emission against that of all fuels, electricity and heat (too large only: small ones are many). What
-- counts is the nearest whole
-- power of ten: 3 or more, or -3 or less; against other branches, which may well lend to others, 4 or -4 (万元).
-- A loan of its own: a balance over its tenure that is its contract amount by exactly a thousandth or ten-thousandth
-- (within 1 %: a balance that never moved), or 10^3 times it and more; not where its branch is told already.
-- A statement: assets at the end against those at the begin, assets and revenue against the year before.
-- A reported emission against the enterprise's revenue, or its assets where the revenue is not known: more than all of it
-- spent on coal would emit (:coal_per_yuan, t per CNY); this needs neither another year nor accounts of the city.
-- A reported emission against the other clients of the book of the same class, by report or energy: per revenue, else
-- per total assets, against the median of three clients or more; without either its size, which may well differ: 4 or -4.
-- And against the factor of the division per yuan of assets, where there is no estimate by revenue.
-- Energy that a client states: its emission against what all of its revenue, else of its assets, spent on coal would
-- emit, and against the clients of its class, as a report's.
-- A statement within itself: revenue against assets (much larger 3, much smaller, as of a holding, -4); equity plus debt
-- against assets. Its assets and revenue against the median of the clients of its class (sizes differ: 4 or -4), and its
-- assets against the client's loans (5: a slip of 万元 makes the usual 10^-1 to 10^-2 of a loan 10^-5 and less).
-- A project's investment against its loans (3: loans of a thousandth and less pay for no project) and the median of the
-- other projects (4 or -4).
-- Source: rule of this project; units of the registry; account_steps for the price and factor of coal.
-- step: branch
SELECT
  loan.institution_id,
  coalesce(named.branch_code, loan.branch_code, loan.branch_name, 'none') AS branch_code,
  count(*) AS loans,
  sum(balance.over_tenure) AS balance,
  count(CASE WHEN loan.contract_amount > 0 THEN 1 END) AS contracts,
  sum(CASE WHEN loan.contract_amount > 0 THEN balance.over_tenure END) AS balance_with_contract,
  sum(CASE WHEN loan.contract_amount > 0 THEN loan.contract_amount END) AS contract_amount
FROM loan
LEFT JOIN branch_code_of_name AS named
  ON named.institution_id = loan.institution_id AND named.branch_name = coalesce(loan.branch_code, loan.branch_name)
JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
WHERE balance.over_tenure > 0
GROUP BY loan.institution_id, coalesce(named.branch_code, loan.branch_code, loan.branch_name, 'none')
-- step: unlike
SELECT
  institution_id,
  branch_code,
  floor(log10(ratio(balance_with_contract, contract_amount)) + CAST('0.5' AS DOUBLE)) AS power
FROM branch
WHERE contract_amount > 0
-- step: single
SELECT
  loan.loan_id,
  CAST(balance.over_tenure AS DOUBLE) AS value,
  CAST(loan.contract_amount AS DOUBLE) AS reference,
  ratio(balance.over_tenure, loan.contract_amount) AS times
FROM loan
LEFT JOIN branch_code_of_name AS named
  ON named.institution_id = loan.institution_id AND named.branch_name = coalesce(loan.branch_code, loan.branch_name)
JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
JOIN unlike
  ON unlike.institution_id = loan.institution_id
  AND unlike.branch_code = coalesce(named.branch_code, loan.branch_code, loan.branch_name, 'none')
WHERE loan.contract_amount > 0 AND balance.over_tenure > 0 AND unlike.power BETWEEN -2 AND 2
-- step: institution
SELECT institution_id, count(*) AS branches, sum(loans) AS loans, sum(balance) AS balance
FROM branch
GROUP BY institution_id
-- step: report
SELECT
  CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END AS subject_kind,
  coalesce(project_id, uscc) AS subject_id,
  year,
  max(CASE WHEN scope1 IS NOT NULL AND scope2 IS NOT NULL THEN scope1 + scope2
    ELSE coalesce(total, scope1, scope2) END) AS emission
FROM entity_emission
WHERE year = :year OR year = :previous_year
GROUP BY CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END, coalesce(project_id, uscc), year
-- step: process
SELECT
  CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END AS subject_kind,
  coalesce(project_id, uscc) AS subject_id,
  process_code,
  sum(CASE WHEN year = :year THEN quantity END) AS quantity,
  sum(CASE WHEN year = :previous_year THEN quantity END) AS quantity_before
FROM process_return
WHERE year = :year OR year = :previous_year
GROUP BY CASE WHEN project_id IS NULL THEN 'entity' ELSE 'project' END, coalesce(project_id, uscc), process_code
-- step: energy
SELECT subject_kind, subject_id, sum(emission) AS emission
FROM entity_energy_emission
GROUP BY subject_kind, subject_id
-- step: beyond_revenue
SELECT
  own.subject_id,
  CAST(own.emission AS DOUBLE) AS value,
  CAST(finance.main_business_revenue AS DOUBLE) * CAST(:coal_per_yuan AS DOUBLE) AS reference
FROM report AS own
JOIN enterprise_finance AS finance ON finance.uscc = own.subject_id AND finance.year = own.year
WHERE own.year = :year AND own.subject_kind = 'entity' AND finance.main_business_revenue > 0
-- step: beyond_assets
SELECT
  own.subject_id,
  CAST(own.emission AS DOUBLE) AS value,
  CAST(coalesce(finance.total_assets_end, finance.total_assets_begin) AS DOUBLE) * CAST(:coal_per_yuan AS DOUBLE)
    AS reference
FROM report AS own
JOIN enterprise_finance AS finance ON finance.uscc = own.subject_id AND finance.year = own.year
WHERE own.year = :year AND own.subject_kind = 'entity'
  AND (finance.main_business_revenue IS NULL OR finance.main_business_revenue <= 0)
  AND coalesce(finance.total_assets_end, finance.total_assets_begin) > 0
-- step: burnt
SELECT energy.subject_id, energy.emission, finance.main_business_revenue AS revenue,
  coalesce(finance.total_assets_end, finance.total_assets_begin) AS assets
FROM energy
JOIN enterprise_finance AS finance ON finance.uscc = energy.subject_id AND finance.year = :year
WHERE energy.subject_kind = 'entity' AND energy.emission > 0
-- step: burnt_beyond
SELECT subject_id, 'revenue_in_coal' AS compared_with, CAST(emission AS DOUBLE) AS value,
  CAST(revenue AS DOUBLE) * CAST(:coal_per_yuan AS DOUBLE) AS reference
FROM burnt
WHERE revenue > 0
UNION ALL
SELECT subject_id, 'assets_in_coal' AS compared_with, CAST(emission AS DOUBLE) AS value,
  CAST(assets AS DOUBLE) * CAST(:coal_per_yuan AS DOUBLE) AS reference
FROM burnt
WHERE (revenue IS NULL OR revenue <= 0) AND assets > 0
-- step: by_sector
SELECT
  own.subject_id,
  CAST(own.emission AS DOUBLE) AS value,
  CAST(coalesce(finance.total_assets_end, finance.total_assets_begin) AS DOUBLE) * factor.factor AS reference
FROM report AS own
JOIN enterprise ON own.subject_kind = 'entity' AND enterprise.uscc = own.subject_id
JOIN enterprise_finance AS finance ON finance.uscc = own.subject_id AND finance.year = own.year
JOIN sector_balance_factor AS factor ON factor.gbt4754_division = substr(enterprise.industry_code, 1, 2)
LEFT JOIN entity_emission_estimate AS other
  ON other.subject_kind = 'entity' AND other.subject_id = own.subject_id AND other.calculation = 'economic'
  AND NOT other.set_aside
WHERE own.year = :year AND other.subject_id IS NULL
-- step: emitted
SELECT subject_id, emission, true AS reported
FROM report
WHERE year = :year AND subject_kind = 'entity' AND emission > 0
UNION ALL
SELECT estimate.subject_id, estimate.emission, false AS reported
FROM entity_emission_estimate AS estimate
LEFT JOIN report ON report.subject_kind = 'entity' AND report.subject_id = estimate.subject_id AND report.year = :year
WHERE estimate.subject_kind = 'entity' AND estimate.calculation = 'energy' AND NOT estimate.incomplete
  AND estimate.emission > 0 AND report.subject_id IS NULL
-- step: known
SELECT
  enterprise.industry_code AS class_code,
  emitted.subject_id,
  emitted.emission,
  emitted.reported,
  CASE WHEN finance.main_business_revenue > 0 THEN finance.main_business_revenue END AS revenue,
  CASE WHEN coalesce(finance.total_assets_end, finance.total_assets_begin) > 0
    THEN coalesce(finance.total_assets_end, finance.total_assets_begin) END AS assets
FROM emitted
JOIN enterprise ON enterprise.uscc = emitted.subject_id
LEFT JOIN enterprise_finance AS finance ON finance.uscc = emitted.subject_id AND finance.year = :year
WHERE enterprise.industry_code IS NOT NULL
-- step: peer
SELECT class_code, subject_id, emission, reported, 1 AS preference, 'peers_by_revenue' AS measure,
  ratio(emission, revenue) AS per
FROM known
WHERE revenue IS NOT NULL
UNION ALL
SELECT class_code, subject_id, emission, reported, 2 AS preference, 'peers_by_assets' AS measure,
  ratio(emission, assets) AS per
FROM known
WHERE assets IS NOT NULL
UNION ALL
SELECT class_code, subject_id, emission, reported, 3 AS preference, 'peers_by_size' AS measure,
  CAST(emission AS DOUBLE) AS per
FROM known
-- step: placed
SELECT
  class_code,
  measure,
  per,
  row_number() OVER (PARTITION BY class_code, measure ORDER BY per, subject_id) AS place,
  count(*) OVER (PARTITION BY class_code, measure) AS clients
FROM peer
-- step: middle
SELECT class_code, measure, per FROM placed WHERE clients > 2 AND (2 * place = clients OR 2 * place = clients + 1)
-- step: among_peers
SELECT
  peer.subject_id,
  peer.reported,
  peer.measure,
  CAST(peer.emission AS DOUBLE) AS value,
  CAST(peer.emission AS DOUBLE) * ratio(middle.per, peer.per) AS reference,
  row_number() OVER (PARTITION BY peer.subject_id ORDER BY peer.preference) AS place
FROM peer
JOIN middle ON middle.class_code = peer.class_code AND middle.measure = peer.measure
-- step: statement
SELECT
  now.uscc,
  CAST(now.total_assets_begin AS DOUBLE) AS assets_begin,
  CAST(now.total_assets_end AS DOUBLE) AS assets_end,
  CAST(now.main_business_revenue AS DOUBLE) AS revenue,
  CAST(now.total_equity + now.total_debt AS DOUBLE) AS claims,
  CAST(coalesce(now.total_assets_end, now.total_assets_begin) AS DOUBLE) AS assets,
  CAST(before.total_assets_end AS DOUBLE) AS assets_before,
  CAST(before.main_business_revenue AS DOUBLE) AS revenue_before
FROM enterprise_finance AS now
LEFT JOIN enterprise_finance AS before ON before.uscc = now.uscc AND before.year = :previous_year
WHERE now.year = :year
-- step: sized
SELECT enterprise.industry_code AS class_code, statement.uscc, 'class_assets' AS compared_with, statement.assets AS value
FROM statement
JOIN enterprise ON enterprise.uscc = statement.uscc
WHERE statement.assets > 0 AND enterprise.industry_code IS NOT NULL
UNION ALL
SELECT enterprise.industry_code AS class_code, statement.uscc, 'class_revenue' AS compared_with,
  statement.revenue AS value
FROM statement
JOIN enterprise ON enterprise.uscc = statement.uscc
WHERE statement.revenue > 0 AND enterprise.industry_code IS NOT NULL
-- step: sized_in_order
SELECT
  class_code,
  compared_with,
  value,
  row_number() OVER (PARTITION BY class_code, compared_with ORDER BY value, uscc) AS place,
  count(*) OVER (PARTITION BY class_code, compared_with) AS clients
FROM sized
-- step: usual_size
SELECT class_code, compared_with, value
FROM sized_in_order
WHERE clients > 2 AND (2 * place = clients OR 2 * place = clients + 1)
-- step: lent
SELECT
  loan.uscc,
  loan.project_id,
  sum(CASE WHEN loan.contract_amount > balance.over_tenure THEN loan.contract_amount ELSE balance.over_tenure END)
    AS amount
FROM loan
JOIN loan_average_balance AS balance ON balance.loan_id = loan.loan_id
WHERE balance.over_tenure > 0
GROUP BY loan.uscc, loan.project_id
-- step: lent_to_client
SELECT uscc, sum(amount) AS amount FROM lent WHERE uscc IS NOT NULL GROUP BY uscc
-- step: lent_to_project
SELECT project_id, sum(amount) AS amount FROM lent WHERE project_id IS NOT NULL GROUP BY project_id
-- step: invested
SELECT
  project_id,
  CAST(total_investment AS DOUBLE) AS value,
  row_number() OVER (ORDER BY total_investment, project_id) AS place,
  count(*) OVER (PARTITION BY 1) AS projects
FROM project
WHERE total_investment > 0
-- step: usual_investment
SELECT value FROM invested WHERE projects > 2 AND (2 * place = projects OR 2 * place = projects + 1)
-- step: stated
SELECT uscc, 'assets_begin' AS compared_with, assets_end AS value, assets_begin AS reference FROM statement
UNION ALL
SELECT uscc, 'assets_before' AS compared_with, coalesce(assets_begin, assets_end) AS value, assets_before AS reference
FROM statement
UNION ALL
SELECT uscc, 'revenue_before' AS compared_with, revenue AS value, revenue_before AS reference FROM statement
UNION ALL
SELECT uscc, 'revenue_to_assets' AS compared_with, revenue AS value, assets AS reference FROM statement
UNION ALL
SELECT uscc, 'claims_to_assets' AS compared_with, claims AS value, assets AS reference FROM statement
UNION ALL
SELECT sized.uscc, sized.compared_with, sized.value, usual_size.value AS reference
FROM sized
JOIN usual_size ON usual_size.class_code = sized.class_code AND usual_size.compared_with = sized.compared_with
UNION ALL
SELECT statement.uscc, 'client_loans' AS compared_with, statement.assets AS value,
  CAST(lent_to_client.amount AS DOUBLE) AS reference
FROM statement
JOIN lent_to_client ON lent_to_client.uscc = statement.uscc
-- step: compared
SELECT
  'branch_balance' AS kind,
  concat(institution_id, ' | ', branch_code) AS record_id,
  'contract' AS compared_with,
  ratio(balance_with_contract, contracts) AS value,
  ratio(contract_amount, contracts) AS reference,
  contracts AS records
FROM branch
WHERE contracts > 0
UNION ALL
SELECT
  'branch_balance' AS kind,
  concat(branch.institution_id, ' | ', branch.branch_code) AS record_id,
  'other_branches' AS compared_with,
  ratio(branch.balance, branch.loans) AS value,
  ratio(institution.balance - branch.balance, institution.loans - branch.loans) AS reference,
  branch.loans AS records
FROM branch
JOIN institution ON institution.institution_id = branch.institution_id
WHERE institution.branches > 2
UNION ALL
SELECT
  'reported_emission' AS kind,
  own.subject_id AS record_id,
  other.calculation AS compared_with,
  CAST(own.emission AS DOUBLE) AS value,
  CAST(other.emission AS DOUBLE) AS reference,
  CAST(1 AS BIGINT) AS records
FROM report AS own
JOIN entity_emission_estimate AS other
  ON other.subject_kind = own.subject_kind AND other.subject_id = own.subject_id
  AND other.calculation IN ('energy', 'economic') AND NOT other.set_aside
WHERE own.year = :year
UNION ALL
SELECT
  'reported_emission' AS kind,
  own.subject_id AS record_id,
  'previous_year' AS compared_with,
  CAST(own.emission AS DOUBLE) AS value,
  CAST(before.emission AS DOUBLE) AS reference,
  CAST(1 AS BIGINT) AS records
FROM report AS own
JOIN report AS before
  ON before.subject_kind = own.subject_kind AND before.subject_id = own.subject_id AND before.year = :previous_year
WHERE own.year = :year
UNION ALL
SELECT
  'process_return' AS kind,
  concat(subject_id, ' | ', process_code) AS record_id,
  'quantity_before' AS compared_with,
  CAST(quantity AS DOUBLE) AS value,
  CAST(quantity_before AS DOUBLE) AS reference,
  CAST(1 AS BIGINT) AS records
FROM process
UNION ALL
SELECT
  'process_return' AS kind,
  concat(made.subject_id, ' | ', made.process_code) AS record_id,
  'energy_alone' AS compared_with,
  CAST(made.emission AS DOUBLE) AS value,
  CAST(energy.emission AS DOUBLE) AS reference,
  CAST(1 AS BIGINT) AS records
FROM entity_process_emission AS made
JOIN energy ON energy.subject_kind = made.subject_kind AND energy.subject_id = made.subject_id
UNION ALL
SELECT
  'statement' AS kind,
  uscc AS record_id,
  compared_with,
  value,
  reference,
  CAST(1 AS BIGINT) AS records
FROM stated
UNION ALL
SELECT
  CASE WHEN reported THEN 'reported_emission' ELSE 'energy_return' END AS kind,
  subject_id AS record_id,
  measure AS compared_with,
  value,
  reference,
  CAST(1 AS BIGINT) AS records
FROM among_peers
WHERE place = 1
UNION ALL
SELECT
  'reported_emission' AS kind,
  subject_id AS record_id,
  'sector_by_assets' AS compared_with,
  value,
  reference,
  CAST(1 AS BIGINT) AS records
FROM by_sector
UNION ALL
SELECT
  'project_investment' AS kind,
  invested.project_id AS record_id,
  'project_loans' AS compared_with,
  invested.value,
  CAST(lent_to_project.amount AS DOUBLE) AS reference,
  CAST(1 AS BIGINT) AS records
FROM invested
JOIN lent_to_project ON lent_to_project.project_id = invested.project_id
UNION ALL
SELECT
  'project_investment' AS kind,
  invested.project_id AS record_id,
  'other_projects' AS compared_with,
  invested.value,
  usual_investment.value AS reference,
  CAST(1 AS BIGINT) AS records
FROM invested
CROSS JOIN usual_investment
-- step: measured
SELECT
  kind,
  record_id,
  compared_with,
  value,
  reference,
  ratio(value, reference) AS times,
  floor(log10(ratio(value, reference)) + CAST('0.5' AS DOUBLE)) AS power,
  records
FROM compared
WHERE value > 0 AND reference > 0
-- step: result
SELECT
  kind,
  record_id,
  compared_with,
  value,
  reference,
  times,
  CAST(power AS BIGINT) AS power,
  records
FROM measured
WHERE CASE
    WHEN compared_with IN ('other_branches', 'peers_by_size', 'class_assets', 'class_revenue', 'other_projects')
      THEN power >= 4 OR power <= -4
    WHEN compared_with = 'client_loans' THEN power >= 5
    WHEN compared_with IN ('energy_alone', 'project_loans') THEN power >= 3
    WHEN compared_with = 'revenue_to_assets' THEN power >= 3 OR power <= -4
    ELSE power >= 3 OR power <= -3
  END
UNION ALL
SELECT
  'loan_balance' AS kind,
  loan_id AS record_id,
  'contract' AS compared_with,
  value,
  reference,
  times,
  CAST(floor(log10(times) + CAST('0.5' AS DOUBLE)) AS BIGINT) AS power,
  CAST(1 AS BIGINT) AS records
FROM single
WHERE abs(times * 1000 - 1) < CAST('0.01' AS DOUBLE) OR abs(times * 10000 - 1) < CAST('0.01' AS DOUBLE)
  OR log10(times) >= CAST('2.5' AS DOUBLE)
UNION ALL
SELECT
  'reported_emission' AS kind,
  subject_id AS record_id,
  'revenue_in_coal' AS compared_with,
  value,
  reference,
  ratio(value, reference) AS times,
  CAST(floor(log10(ratio(value, reference)) + CAST('0.5' AS DOUBLE)) AS BIGINT) AS power,
  CAST(1 AS BIGINT) AS records
FROM beyond_revenue
WHERE value > reference
UNION ALL
SELECT
  'reported_emission' AS kind,
  subject_id AS record_id,
  'assets_in_coal' AS compared_with,
  value,
  reference,
  ratio(value, reference) AS times,
  CAST(floor(log10(ratio(value, reference)) + CAST('0.5' AS DOUBLE)) AS BIGINT) AS power,
  CAST(1 AS BIGINT) AS records
FROM beyond_assets
WHERE value > reference
UNION ALL
SELECT
  'energy_return' AS kind,
  subject_id AS record_id,
  compared_with,
  value,
  reference,
  ratio(value, reference) AS times,
  CAST(floor(log10(ratio(value, reference)) + CAST('0.5' AS DOUBLE)) AS BIGINT) AS power,
  CAST(1 AS BIGINT) AS records
FROM burnt_beyond
WHERE value > reference
