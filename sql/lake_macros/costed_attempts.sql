-- Which attempts lie in a span of time, as the ledger's macro of this name says it?
CREATE OR REPLACE MACRO costed_attempts(first_at, end_at) AS TABLE
SELECT *
FROM attempts
WHERE started_at >= first_at AND started_at < end_at;
