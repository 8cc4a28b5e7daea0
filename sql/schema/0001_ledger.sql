-- The ledger's facts: attempts and the events they are folded from, segments read, processes, failovers, losses, jobs.
-- No keys, constraints, indexes or sequences: idempotence comes from transactions and delete-and-insert.

-- The 128 bits by which an id is stored and searched: a UUID in its usual writing is itself, other text its MD5.
CREATE MACRO id_of(id) AS CASE
    WHEN TRY_CAST(id AS UUID)::VARCHAR = id THEN TRY_CAST(id AS UUID)
    ELSE md5(id)::UUID
END;

-- Picodollars as dollars, exactly.
CREATE MACRO usd_of(pusd) AS (pusd::BIGINT * 0.000000000001::DECIMAL(12, 12))::DECIMAL(18, 12);

-- A usage object with one count written as its sign.
CREATE MACRO with_sign(object, number, sign) AS CASE
    WHEN number > 0 THEN replace(
        replace(object, 'tokens":' || number || ',', 'tokens":' || sign || ','),
        'tokens":' || number || '}', 'tokens":' || sign || '}'
    )
    ELSE object
END;

-- USD per million tokens, to six digits.
CREATE MACRO rate_of(cost, tokens) AS CASE WHEN cost > 0 AND tokens > 0 THEN round(cost * 1e6 / tokens, 6) END;

-- Whether a cost is tokens times rate to the picodollar.
CREATE MACRO is_rate(cost, tokens, rate) AS cost = 0 OR abs(rate * tokens / 1e6 - cost) < 5e-13;

-- One row per attempt: one request handed to one deployment. Identified by (started_at, call_id).
-- Ids are 128-bit: a text that is not a UUID is stored beside its MD5, so that every search compares 16 bytes.
CREATE TABLE attempts (
    seq BIGINT,                              -- ingest order, never reused; a replaced row gets a new one
    started_at TIMESTAMPTZ,                  -- handed to the provider
    call_id UUID,
    call_id_text VARCHAR,                    -- NULL when call_id is the text itself
    trace_id UUID,                           -- NULL when the attempt is alone: its call id is its trace
    trace_id_text VARCHAR,
    session_id VARCHAR,
    response_id VARCHAR USING COMPRESSION zstd,
    latency_us BIGINT,                       -- handed over to answered or failed; NULL when the clocks contradict
    ttft_us BIGINT,                          -- handed over to first token, streams only
    provider VARCHAR,
    model VARCHAR,                           -- as asked
    served_model VARCHAR,                    -- as answered
    model_group VARCHAR,
    original_model_group VARCHAR,
    deployment_id VARCHAR,
    api_base VARCHAR,
    call_type VARCHAR,
    streaming BOOLEAN,
    upstream BOOLEAN,                        -- reached a provider; false for cache hits and our own refusals
    status VARCHAR,                          -- success, failure, cancelled, abandoned
    final BOOLEAN,                           -- LiteLLM's final event has been folded in
    retry SMALLINT,
    fallback_depth SMALLINT,
    error_kind VARCHAR,
    error_class VARCHAR,
    error_code VARCHAR,
    error_message VARCHAR,
    input_tokens BIGINT,                     -- uncached; all token classes are disjoint
    cache_read_tokens BIGINT,
    cache_write_5m_tokens BIGINT,
    cache_write_1h_tokens BIGINT,
    audio_input_tokens BIGINT,
    image_input_tokens BIGINT,
    output_tokens BIGINT,                    -- text, without reasoning
    reasoning_tokens BIGINT,
    audio_output_tokens BIGINT,
    image_output_tokens BIGINT,
    tokens_source VARCHAR,                   -- reported or estimated
    input_tokens_high BIGINT,                -- bounds, only where usage never arrived; NULL is no bound known
    output_tokens_high BIGINT,
    usage VARCHAR,                           -- the usage object as given, JSON, counts as signs: see sql/ingest/typed_attempts
    litellm_cost_usd DECIMAL(18, 12),
    cost_breakdown VARCHAR,                  -- as LiteLLM gave it, or its rates alone: see sql/ingest/typed_attempts
    provider_cost_usd DECIMAL(18, 12),
    cache_hit BOOLEAN,
    saved_usd DECIMAL(18, 12),
    user_id VARCHAR,
    end_user VARCHAR,
    team_id VARCHAR,
    team_alias VARCHAR,
    key_hash VARCHAR,
    key_alias VARCHAR,
    tags VARCHAR[],
    metadata VARCHAR,
    prompt VARCHAR,
    answer VARCHAR,
    flags VARCHAR[],
    process_id VARCHAR
);

-- Events of attempts that may still change: folded away with the final event, or some time after the attempt was
-- closed for silence.
CREATE TABLE attempt_events (
    process_id VARCHAR,
    read_us BIGINT,                          -- the hub's clock when the event came in
    written BOOLEAN,                         -- attempts has a row of this attempt already
    kind VARCHAR,
    call_id VARCHAR,
    started_us BIGINT,
    at_us BIGINT,
    mono_us BIGINT,
    trace_id VARCHAR,
    session_id VARCHAR,
    response_id VARCHAR,
    provider VARCHAR,
    model VARCHAR,
    served_model VARCHAR,
    model_group VARCHAR,
    original_model_group VARCHAR,
    deployment_id VARCHAR,
    api_base VARCHAR,
    call_type VARCHAR,
    streaming BOOLEAN,
    retry BIGINT,
    fallback_depth BIGINT,
    upstream BOOLEAN,
    first_token_us BIGINT,
    ended_us BIGINT,
    error_kind VARCHAR,
    error_class VARCHAR,
    error_code VARCHAR,
    error_message VARCHAR,
    input_tokens BIGINT,
    cache_read_tokens BIGINT,
    cache_write_5m_tokens BIGINT,
    cache_write_1h_tokens BIGINT,
    audio_input_tokens BIGINT,
    image_input_tokens BIGINT,
    output_tokens BIGINT,
    reasoning_tokens BIGINT,
    audio_output_tokens BIGINT,
    image_output_tokens BIGINT,
    tokens_source VARCHAR,
    input_tokens_high BIGINT,
    output_tokens_high BIGINT,
    usage VARCHAR,
    litellm_cost_pusd BIGINT,
    cost_breakdown VARCHAR,
    provider_cost_pusd BIGINT,
    cache_hit BOOLEAN,
    saved_pusd BIGINT,
    user_id VARCHAR,
    end_user VARCHAR,
    team_id VARCHAR,
    team_alias VARCHAR,
    key_hash VARCHAR,
    key_alias VARCHAR,
    tags VARCHAR[],
    metadata VARCHAR,
    prompt VARCHAR,
    answer VARCHAR,
    flags VARCHAR[]
);

-- How far each segment has been read. Append-only: the largest offset of a segment wins.
CREATE TABLE segment_offsets (
    segment VARCHAR,
    byte_offset BIGINT,
    lines BIGINT,                            -- good lines in this step
    rejected BIGINT,                         -- quarantined lines in this step
    read_at TIMESTAMPTZ
);

-- Lines that could not be read, kept whole with the reason.
CREATE TABLE quarantine (
    segment VARCHAR,
    byte_offset BIGINT,
    reason VARCHAR,
    line BLOB,                               -- at most 64 KiB of it
    found_at TIMESTAMPTZ
);

-- Processes that wrote a segment: the answer to "which host, which version".
CREATE TABLE processes (
    process_id VARCHAR,
    host VARCHAR,
    pid BIGINT,
    boot_id VARCHAR,
    collector_version VARCHAR,
    python_version VARCHAR,
    litellm_version VARCHAR,
    started_at TIMESTAMPTZ
);

-- Requests that LiteLLM moved from one model group to another.
CREATE TABLE fallbacks (
    happened_at TIMESTAMPTZ,
    trace_id UUID,
    call_id UUID,
    original_model_group VARCHAR,
    model_group VARCHAR,
    fallback_depth SMALLINT,
    succeeded BOOLEAN,
    error_kind VARCHAR,
    error_class VARCHAR
);

-- Running totals of what a process dropped; the largest of a process wins.
CREATE TABLE losses (
    process_id VARCHAR,
    counted_at TIMESTAMPTZ,
    dropped BIGINT,
    guarded_errors BIGINT,
    last_error VARCHAR
);

-- Rows of attempts that a later event replaced, by their sequence; the lake's views leave them out.
CREATE TABLE replaced (
    seq BIGINT,
    replaced_at TIMESTAMPTZ
);

-- What ran, how long, how many rows, and the error if there was one.
CREATE TABLE job_runs (
    job VARCHAR,
    slot TIMESTAMPTZ,                        -- the slot that this run filled
    started_at TIMESTAMPTZ,
    duration_us BIGINT,
    affected BIGINT,                         -- rows or files, as the job says
    error VARCHAR
);
