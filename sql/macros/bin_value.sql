-- What does a bin of a histogram stand for? See analytics/rollups/bins.
CREATE OR REPLACE MACRO bin_value(bin) AS CASE
    WHEN bin IS NULL THEN NULL
    WHEN bin = -1 THEN 0.0
    ELSE 2 * pow(1.01 / 0.99, bin) / (1.01 / 0.99 + 1)
END;
