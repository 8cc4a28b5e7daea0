-- What was taken away for its age: attempts, or rollups of a grain, and since when what remains is complete.
CREATE TABLE retentions (
    what VARCHAR,                            -- attempts, minute, hour, day
    since TIMESTAMPTZ
);
