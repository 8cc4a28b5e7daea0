-- What a job finds, day by day, that cannot be fully trusted; and how many events told what was known already.
ALTER TABLE segment_offsets ADD COLUMN repeated BIGINT;        -- events of this step that repeated others

CREATE TABLE quality_findings (
    day TIMESTAMPTZ,                         -- the UTC day that it is about
    kind VARCHAR,
    provider VARCHAR,                        -- NULL where it is not about calls of a model
    model VARCHAR,
    subject VARCHAR,                         -- the nearest priced name, the reason, the host: as the kind says
    events BIGINT,                           -- attempts, lines or events
    tokens HUGEINT,
    amount_usd DECIMAL(38, 12),
    found_at TIMESTAMPTZ
);

-- How far the job has come.
CREATE TABLE quality_checks (
    checked_at TIMESTAMPTZ,
    last_seq BIGINT,                         -- rows of attempts up to here have been looked at
    days BIGINT,
    findings BIGINT
);
