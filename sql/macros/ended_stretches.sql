-- What makes up the requests that ended in a span: hours, minutes around them, and at its ends single requests?
CREATE OR REPLACE MACRO ended_stretches(
    first_at, minutes_at, hours_at, hours_end, minutes_end, end_at
) AS TABLE
WITH singles AS (
    SELECT * FROM ended_requests(first_at, minutes_at) WHERE ended_at >= first_at AND ended_at < minutes_at
    UNION ALL
    SELECT * FROM ended_requests(minutes_end, end_at) WHERE ended_at >= minutes_end AND ended_at < end_at
)

SELECT *
FROM hours_and_minutes('requests_minute', 'requests_hour', minutes_at, hours_at, hours_end, minutes_end)
UNION ALL BY NAME
SELECT
    model_group,
    team,
    CAST(outcome = 'answered' AS BIGINT) AS answered,
    CAST(outcome = 'failed' AS BIGINT) AS failed,
    CAST(outcome = 'own_fault' AS BIGINT) AS own_fault,
    CAST(outcome = 'refused' AS BIGINT) AS refused,
    CAST(outcome = 'given_up' AS BIGINT) AS given_up,
    CAST(recovered AS BIGINT) AS recovered,
    attempts,
    ended_attempts,
    provider_errors,
    failover_us,
    wasted_usd
FROM singles;
