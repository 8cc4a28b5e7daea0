-- What was spent since a moment, attempt by attempt?
-- The ledger's macro of this name reads the rollups, of which the lake has other ones; the sums are the same.
CREATE OR REPLACE MACRO spend_pieces(starts, first_at, end_at) AS TABLE
SELECT *
FROM spent_attempts(first_at, end_at, [], [], [], [], [], [], []);
