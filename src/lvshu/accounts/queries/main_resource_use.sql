-- Consumption of the materials on the list of main resources, the denominator of 主要资源产出率.
-- Source: 循环经济发展评价指标体系（2017年版）（发改环资〔2016〕2749号）; the list as the pack main_resources has it.
SELECT m.material, r.name_zh, r.name_en, m.consumption, r.status
FROM material_account AS m
JOIN pack_main_resources AS r ON r.material = m.material
