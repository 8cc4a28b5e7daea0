-- What was spent since a moment, attempt by attempt?
-- The ledger's macro of this name reads the rollups; the lake's may be a while behind its attempts. The sums are the same.
CREATE OR REPLACE MACRO spend_pieces(starts, first_at, end_at) AS TABLE
SELECT *
FROM spent_attempts(first_at, end_at, [], [], [], [], [], [], []);
