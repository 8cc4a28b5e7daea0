-- What was spent in a span, attempt by attempt?
-- The ledger's macro of this name reads the rollup by the hour, which the lake does not have.
CREATE OR REPLACE MACRO hourly_spend(first_at, end_at) AS TABLE
SELECT *
FROM spent_attempts(first_at, end_at, [], [], [], [], [], [], []);
