-- Which value do so many percent of a histogram's values not exceed, within 1 %? Histograms of several rows are merged
-- with flatten(list(histogram)); a percentile is taken as numpy's "lower" has it. NULL where there are no values.
CREATE OR REPLACE MACRO percentile(histogram, percent) AS (
    WITH bins AS (
        SELECT item.bin AS bin, sum(item.count) AS n FROM (SELECT unnest(histogram) AS item) GROUP BY item.bin
    ),
    ranked AS (
        SELECT bin, sum(n) OVER (ORDER BY bin) AS up_to, sum(n) OVER () AS total FROM bins
    )
    SELECT bin_value(min(bin)) FROM ranked WHERE up_to > floor(percent / 100.0 * (total - 1))
);
