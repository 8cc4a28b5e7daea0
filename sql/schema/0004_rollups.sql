-- Rollups: sums, counts and histograms by stretch of time, computed from attempts and computed again when those change.
-- Everything in them can be added up again. A histogram holds for each bin how many values fell into it; bin b is for
-- values above gamma^(b-1) up to gamma^b with gamma = 1.01 / 0.99, so its middle is within 1 % of each of them.
CREATE TABLE reliability_minute (
    bucket_at TIMESTAMPTZ,                   -- start of the minute, UTC
    provider VARCHAR,
    model VARCHAR,
    model_group VARCHAR,
    deployment_id VARCHAR,
    attempts BIGINT,                         -- handed to a provider
    succeeded BIGINT,
    failed BIGINT,
    provider_errors BIGINT,                  -- failed, and not by the request's own fault
    given_up BIGINT,                         -- cancelled or abandoned
    rejected BIGINT,                         -- turned away by us, never handed over
    errors STRUCT(kind VARCHAR, count BIGINT)[],
    latency_us BIGINT,                       -- sum over successes
    latency_count BIGINT,
    ttft_us BIGINT,                          -- sum over streams
    ttft_count BIGINT,
    latency_histogram STRUCT(bin SMALLINT, count BIGINT)[],          -- µs, successes
    ttft_histogram STRUCT(bin SMALLINT, count BIGINT)[],             -- µs, streams
    output_token_histogram STRUCT(bin SMALLINT, count BIGINT)[],     -- µs per output token after the first, streams
    speed_histogram STRUCT(bin SMALLINT, count BIGINT)[],            -- output tokens per 1,000 s, successes
    cost_usd DECIMAL(38, 12),                -- NULL when no cost is known
    priced BIGINT,
    unpriced BIGINT,                         -- used tokens, at a cost that nobody knows
    wasted_usd DECIMAL(38, 12)               -- of attempts that were no success
);
CREATE TABLE reliability_hour AS FROM reliability_minute;
CREATE TABLE reliability_day AS FROM reliability_minute;

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
    attempts BIGINT,
    cost_usd DECIMAL(38, 12),
    priced BIGINT,
    unpriced BIGINT,
    wasted_usd DECIMAL(38, 12),
    high_usd DECIMAL(38, 12),                -- upper bounds of attempts whose cost nobody knows
    cache_saved_usd DECIMAL(38, 12),         -- by LiteLLM's cache
    input_tokens HUGEINT,
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

-- How far each rollup has come: the steps that filled it, each committed with the buckets it filled.
CREATE TABLE rollup_fills (
    rollup VARCHAR,                          -- reliability, spend
    last_seq BIGINT,                         -- rows of attempts up to here are in
    buckets BIGINT,                          -- of the finest grain, filled in this step
    filled_at TIMESTAMPTZ
);
