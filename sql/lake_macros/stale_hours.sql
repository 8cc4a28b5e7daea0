-- Which hours hold attempts that the rollup of spending has not caught up with? None that the lake knows of.
-- The ledger's macro of this name asks its notes of what was filled, which the lake does not have.
CREATE OR REPLACE MACRO stale_hours() AS TABLE
SELECT CAST(NULL AS BIGINT) AS hour
WHERE false;
