-- Platform transactions and fees of the year by whether seller and buyer are in the area, category and kind of trade.
-- Source: OECD, Handbook on Compiling Digital Supply and Use Tables (2023): intermediation by seller and by buyer.
-- Wider is a place that contains the area: nothing says which part of it is the area's, so it is not elsewhere.
-- step: placed
SELECT
  platform_uscc,
  category_code,
  trade_kind,
  CASE
    WHEN substr(seller_region, 1, :digits) = :prefix THEN 'inside'
    WHEN seller_region IN (:nation, :province, :city) THEN 'wider'
    ELSE 'elsewhere'
  END AS seller_place,
  CASE
    WHEN substr(buyer_region, 1, :digits) = :prefix THEN 'inside'
    WHEN buyer_region IN (:nation, :province, :city) THEN 'wider'
    ELSE 'elsewhere'
  END AS buyer_place,
  amount,
  fee
FROM platform_settlement
WHERE year = :year
-- step: result
SELECT
  category_code,
  trade_kind,
  seller_place,
  buyer_place,
  count(DISTINCT platform_uscc) AS platforms,
  CAST(sum(amount) AS DECIMAL(20,2)) AS amount,
  CAST(sum(fee) AS DECIMAL(20,2)) AS fee
FROM placed
GROUP BY category_code, trade_kind, seller_place, buyer_place
