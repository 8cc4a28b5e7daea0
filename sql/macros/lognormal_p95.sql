-- What do one in twenty exceed, of durations as if lognormal, given weight, sum and sum of squares of their logarithms?
-- NULL while fewer than so many were seen: their spread is not known. routing/evidence.py says the same.
CREATE OR REPLACE MACRO lognormal_p95(weight, logs, squares, fewest) AS CASE
    WHEN weight >= fewest THEN exp(logs / weight + 1.6449 * sqrt(greatest(squares / weight - pow(logs / weight, 2), 0)))
END;
