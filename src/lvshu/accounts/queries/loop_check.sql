-- What enters and what leaves every inner node of the loop, by layer: the difference is zero where the layer closes.
-- Source: conservation at a node. Inner nodes are those that pass on what they get: the spheres of production and
-- circulation, use in the layer of materials, and the stations of waste; all others are the edge of the account, and
-- energy ends in its use.
-- step: entering
SELECT layer, target_node AS node, unit, sum(value) AS inflow FROM loop_flow GROUP BY layer, target_node, unit
-- step: leaving
SELECT layer, source_node AS node, unit, sum(value) AS outflow FROM loop_flow GROUP BY layer, source_node, unit
-- step: result
SELECT e.layer, e.node, e.inflow, l.outflow, e.inflow - l.outflow AS difference, e.unit
FROM entering AS e
JOIN leaving AS l ON l.layer = e.layer AND l.node = e.node
WHERE e.layer <> 'energy'
  AND (
    e.node IN ('production', 'circulation', 'unassigned', 'recovery', 'generated', 'collection', 'sorting', 'recycling')
    OR (e.node = 'use' AND e.layer = 'material')
  )
