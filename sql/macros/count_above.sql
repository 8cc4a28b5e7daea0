-- How many values of a histogram lie in bins beyond this one? See analytics/rollups/bins.
CREATE OR REPLACE MACRO count_above(histogram, last_bin) AS
    coalesce(list_sum([item.count FOR item IN histogram IF item.bin > last_bin]), 0);
