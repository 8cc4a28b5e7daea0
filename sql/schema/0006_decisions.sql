-- What routing chose, and all that the choice follows from.
CREATE TABLE decisions (
    decided_at TIMESTAMPTZ,
    trace_id UUID,                           -- of the request
    model_group VARCHAR,
    mode VARCHAR,                            -- shadow, canary, on
    acted BOOLEAN,                           -- false: the choice was only recorded
    snapshot_id VARCHAR,                     -- NULL: no snapshot, or one too old
    deployment_id VARCHAR,
    probability DOUBLE,                      -- with which it was chosen
    reason VARCHAR,
    decision VARCHAR                         -- JSON: candidates, policy, draw, scores, probabilities
);
