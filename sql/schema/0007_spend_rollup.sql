-- The spend rollup answers the cost page: it gets the application, and measures of attempts of known cost.
-- It is computed from attempts, so it starts empty and is filled anew.
DROP TABLE spend_hour;
DROP TABLE spend_day;
DELETE FROM rollup_fills WHERE rollup = 'spend';

CREATE TABLE spend_hour (
    bucket_at TIMESTAMPTZ,
    provider VARCHAR,
    model VARCHAR,
    model_group VARCHAR,
    deployment_id VARCHAR,
    team VARCHAR,                            -- alias, else id
    user_id VARCHAR,
    end_user VARCHAR,
    key_name VARCHAR,                        -- alias, else hash
    tags VARCHAR[],
    application VARCHAR,                     -- as the call's metadata names it
    attempts BIGINT,                         -- handed to a provider
    calls BIGINT,                            -- successes, answers out of LiteLLM's cache among them
    priced_calls BIGINT,                     -- successes of known cost
    with_tokens BIGINT,
    unpriced BIGINT,                         -- used tokens, at a cost that nobody knows
    estimated BIGINT,                        -- whose token counts nobody reported
    cost_usd DECIMAL(38, 12),                -- NULL when no cost is known
    wasted_usd DECIMAL(38, 12),              -- of attempts that were no success
    high_usd DECIMAL(38, 12),                -- upper bounds of attempts whose cost nobody knows
    cache_saved_usd DECIMAL(38, 12),         -- by LiteLLM's cache
    tokens HUGEINT,                          -- of all attempts and classes
    priced_tokens HUGEINT,                   -- of attempts of known cost
    input_tokens HUGEINT,                    -- this and each class below: of successes of known cost
    cache_read_tokens HUGEINT,
    cache_write_5m_tokens HUGEINT,
    cache_write_1h_tokens HUGEINT,
    audio_input_tokens HUGEINT,
    image_input_tokens HUGEINT,
    output_tokens HUGEINT,
    reasoning_tokens HUGEINT,
    audio_output_tokens HUGEINT,
    image_output_tokens HUGEINT
);
CREATE TABLE spend_day AS FROM spend_hour;
