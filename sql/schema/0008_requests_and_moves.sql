-- Rollups of requests, by the start of their last attempt, and of moves from a failing deployment to another.
CREATE TABLE requests_minute (
    bucket_at TIMESTAMPTZ,                   -- start of the minute, UTC
    model_group VARCHAR,                     -- as first asked for
    team VARCHAR,                            -- alias, else id
    answered BIGINT,
    failed BIGINT,                           -- after all retries and fallbacks
    own_fault BIGINT,                        -- failed, and no provider could have served it
    refused BIGINT,                          -- turned away by us
    given_up BIGINT,                         -- cancelled or abandoned by the caller
    recovered BIGINT,                        -- answered after an attempt had failed
    attempts BIGINT,                         -- handed to a provider
    ended_attempts BIGINT,                   -- succeeded or failed
    provider_errors BIGINT,                  -- attempts that failed, and not by the request's own fault
    failover_us BIGINT,                      -- spent in failed attempts of answered requests
    latency_us BIGINT,                       -- sum over answered requests, from the first attempt's start
    latency_count BIGINT,
    ttft_us BIGINT,
    ttft_count BIGINT,
    latency_histogram STRUCT(bin SMALLINT, count BIGINT)[],
    ttft_histogram STRUCT(bin SMALLINT, count BIGINT)[],
    cost_usd DECIMAL(38, 12),
    wasted_usd DECIMAL(38, 12)               -- of attempts that were no success
);
CREATE TABLE requests_hour AS FROM requests_minute;
CREATE TABLE requests_day AS FROM requests_minute;

CREATE TABLE moves_minute (
    bucket_at TIMESTAMPTZ,
    moved_from VARCHAR,                      -- deployment, or provider / model
    moved_to VARCHAR,
    provider VARCHAR,                        -- of the deployment that failed
    model VARCHAR,
    model_group VARCHAR,
    to_model_group VARCHAR,
    moves BIGINT,
    served BIGINT,                           -- answered there
    failed_attempts BIGINT,                  -- in a row, at the deployment that failed
    added_us BIGINT,                         -- from the first failed attempt's start to the next deployment's
    unpriced BIGINT,                         -- served, at a cost that nobody knows
    reasons STRUCT(kind VARCHAR, count BIGINT)[],
    wasted_usd DECIMAL(38, 12),              -- known cost of the failed attempts
    served_usd DECIMAL(38, 12),              -- known cost of the answers
    input_tokens HUGEINT,                    -- of the answers whose cost is known
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
CREATE TABLE moves_hour AS FROM moves_minute;
CREATE TABLE moves_day AS FROM moves_minute;
