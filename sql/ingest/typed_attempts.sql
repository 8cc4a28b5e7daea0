-- How does a folded attempt look as a row of attempts?
--
-- Random ids aside, what takes room is text that repeats what other columns say, so it is written shorter:
-- A count in the usage object that equals a token column becomes its sign, and few different texts remain: $t total,
-- $p all input, $c all output, $k cache read, $r reasoning, $i uncached input, $o text output. An unquoted $ is no JSON,
-- so putting the counts back restores the object to the letter.
-- LiteLLM's cost breakdown is mostly tokens times rate. Where it is, to the picodollar, the rates in USD per million
-- tokens are kept, and the amounts follow from the token columns; otherwise it stays as given.
WITH tokens AS (
    SELECT
        *,
        input_tokens + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
            + coalesce(cache_write_1h_tokens, 0) + coalesce(audio_input_tokens, 0) + coalesce(image_input_tokens, 0)
            AS all_input,
        output_tokens + coalesce(reasoning_tokens, 0) + coalesce(audio_output_tokens, 0)
            + coalesce(image_output_tokens, 0) AS all_output,
        all_input + all_output AS all_tokens,
        coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0) AS written_tokens,
        TRY(json_extract_string(cost_breakdown, [
            '$.input_cost', '$.output_cost', '$.cache_read_cost', '$.cache_creation_cost', '$.reasoning_cost',
            '$.total_cost', '$.original_cost'
        ])::DOUBLE[]) AS part,
        (length(cost_breakdown) - length(replace(cost_breakdown, '":', ''))) // 2 AS named_parts,
        litellm_cost_pusd / 1e12 AS total
    FROM folded
),
signed_1 AS (SELECT *, with_sign(usage, all_tokens, '$t') AS usage_1 FROM tokens),
signed_2 AS (SELECT *, with_sign(usage_1, all_input, '$p') AS usage_2 FROM signed_1),
signed_3 AS (SELECT *, with_sign(usage_2, all_output, '$c') AS usage_3 FROM signed_2),
signed_4 AS (SELECT *, with_sign(usage_3, cache_read_tokens, '$k') AS usage_4 FROM signed_3),
signed_5 AS (SELECT *, with_sign(usage_4, reasoning_tokens, '$r') AS usage_5 FROM signed_4),
signed_6 AS (SELECT *, with_sign(usage_5, input_tokens, '$i') AS usage_6 FROM signed_5),
signed_7 AS (SELECT *, with_sign(usage_6, output_tokens, '$o') AS usage_7 FROM signed_6),
parts AS (
    SELECT
        *,
        coalesce(part[2], 0) AS output_cost,
        coalesce(part[3], 0) AS read_cost,
        coalesce(part[4], 0) AS write_cost,
        coalesce(part[5], 0) AS reasoning_cost,
        round(part[1] - read_cost - write_cost, 15) AS input_cost  -- LiteLLM's includes what the cache was read and written
    FROM signed_7
),
rates AS (
    SELECT
        *,
        rate_of(input_cost, input_tokens) AS input_rate,
        rate_of(read_cost, cache_read_tokens) AS read_rate,
        rate_of(write_cost, written_tokens) AS write_rate,
        rate_of(output_cost, all_output) AS output_rate,
        rate_of(reasoning_cost, reasoning_tokens) AS reasoning_rate
    FROM parts
),
checked AS (
    SELECT
        *,
        coalesce(
            abs(part[1] + output_cost - total) < 5e-13
            AND abs(part[6] - total) < 5e-13
            AND abs(part[7] - total) < 5e-13
            AND is_rate(input_cost, input_tokens, input_rate)
            AND is_rate(read_cost, cache_read_tokens, read_rate)
            AND is_rate(write_cost, written_tokens, write_rate)
            AND is_rate(output_cost, all_output, output_rate)
            AND is_rate(reasoning_cost, reasoning_tokens, reasoning_rate)
            AND named_parts = len(list_filter(part, lambda amount: amount IS NOT NULL)),
            false
        ) AS is_rates
    FROM rates
)
SELECT
    seq,
    make_timestamptz(started_us) AS started_at,
    id_of(call_id) AS call_id,
    CASE WHEN id_of(call_id)::VARCHAR <> call_id THEN call_id END AS call_id_text,
    id_of(trace_id) AS trace_id,
    CASE WHEN id_of(trace_id)::VARCHAR <> trace_id THEN trace_id END AS trace_id_text,
    session_id,
    response_id,
    latency_us,
    ttft_us,
    provider,
    model,
    served_model,
    model_group,
    original_model_group,
    deployment_id,
    api_base,
    call_type,
    streaming,
    upstream,
    status,
    final,
    retry::SMALLINT AS retry,
    fallback_depth::SMALLINT AS fallback_depth,
    error_kind,
    error_class,
    error_code,
    error_message,
    input_tokens,
    cache_read_tokens,
    cache_write_5m_tokens,
    cache_write_1h_tokens,
    audio_input_tokens,
    image_input_tokens,
    output_tokens,
    reasoning_tokens,
    audio_output_tokens,
    image_output_tokens,
    tokens_source,
    input_tokens_high,
    output_tokens_high,
    usage_7 AS usage,
    units,
    usd_of(litellm_cost_pusd) AS litellm_cost_usd,
    CASE
        WHEN is_rates THEN concat_ws(
            ',',
            'input:' || input_rate,
            'cache_read:' || read_rate,
            'cache_write:' || write_rate,
            'output:' || output_rate,
            'reasoning:' || reasoning_rate
        )
        ELSE cost_breakdown
    END AS cost_breakdown,
    usd_of(provider_cost_pusd) AS provider_cost_usd,
    cache_hit,
    usd_of(saved_pusd) AS saved_usd,
    book_agrees,
    usd_of(book_cost_pusd) AS book_cost_usd,
    usd_of(high_cost_pusd) AS high_cost_usd,
    usd_of(book_saved_pusd) AS book_saved_usd,
    CAST(NULL AS DECIMAL(18, 12)) AS adjusted_usd,
    user_id,
    end_user,
    team_id,
    team_alias,
    key_hash,
    key_alias,
    tags,
    metadata,
    prompt,
    answer,
    flags,
    process_id
FROM checked
