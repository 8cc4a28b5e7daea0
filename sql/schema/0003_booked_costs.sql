-- What the price book says of an attempt, written down when its row is, and how that was adjusted later.
ALTER TABLE attempts ADD COLUMN book_agrees BOOLEAN;                 -- the book says what LiteLLM says; NULL: never asked
ALTER TABLE attempts ADD COLUMN book_cost_usd DECIMAL(18, 12);       -- by the book, where it differs from LiteLLM's
ALTER TABLE attempts ADD COLUMN high_cost_usd DECIMAL(18, 12);       -- the most it can have cost, where usage never arrived
ALTER TABLE attempts ADD COLUMN book_saved_usd DECIMAL(18, 12);      -- what an answer out of LiteLLM's cache would have cost
ALTER TABLE attempts ADD COLUMN adjusted_usd DECIMAL(18, 12);        -- by the latest repricing; what was booked stays

-- Repricings that were asked for.
CREATE TABLE repricings (
    booked_at TIMESTAMPTZ,
    since TIMESTAMPTZ,
    until TIMESTAMPTZ,
    known_at TIMESTAMPTZ,                    -- by the prices as they were known then
    reason VARCHAR
);

-- Those of them that are done.
CREATE TABLE repricings_done (
    booked_at TIMESTAMPTZ,
    adjusted BIGINT,                         -- attempts whose cost changed
    difference_usd DECIMAL(38, 12)           -- of those whose cost was known before and after
);

-- Every adjustment that a repricing made to an attempt.
CREATE TABLE adjustments (
    booked_at TIMESTAMPTZ,                   -- of the repricing
    started_at TIMESTAMPTZ,                  -- of the attempt
    call_id UUID,
    before_usd DECIMAL(18, 12),
    after_usd DECIMAL(18, 12)
);
