-- The price book, one row per price fact. Nothing is ever changed or removed: for one meter, the fact that was known last speaks.
CREATE TABLE prices (
    provider VARCHAR,
    model VARCHAR,                           -- a name, or a pattern with *
    meter VARCHAR,                           -- token class, unit, or factor
    above_tokens BIGINT,                     -- holds for prompts longer than this
    service_tier VARCHAR,                    -- standard, batch, flex, priority; * is any
    region VARCHAR,                          -- * is any, regional is any but a provider's global endpoint
    hours VARCHAR,                           -- minutes of the UTC week in which it holds; NULL is always
    amount DECIMAL(30, 12),                  -- USD per million units, or the factor; NULL withdraws it
    valid_from TIMESTAMPTZ,
    valid_to TIMESTAMPTZ,                    -- NULL is until further notice
    known_from TIMESTAMPTZ,
    origin VARCHAR,                          -- own prices win over litellm
    source VARCHAR                           -- which map of which version, or who set it and why
);
