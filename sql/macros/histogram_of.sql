-- Which histogram has one value, a whole number from 0 on? NULL where there is none. See analytics/rollups/bins.
CREATE OR REPLACE MACRO histogram_of(value) AS CASE
    WHEN value = 0 THEN [{'bin': CAST(-1 AS SMALLINT), 'count': CAST(1 AS BIGINT)}]
    WHEN value > 0
        THEN [{
            'bin': CAST(ceil(ln(value) / ln(CAST(1.01 AS DOUBLE) / 0.99)) AS SMALLINT),
            'count': CAST(1 AS BIGINT)
        }]
END;
