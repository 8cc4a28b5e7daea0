-- Which attempts belong together as requests of which one lies in a span, and how do they follow each other?
-- A request is a chain of attempts of one trace that ends with its first success, or where nothing follows within an
-- hour. So what a chain is can be told from an hour on either side, whatever trace ids are used for.
-- With only_setbacks the chains are those of which an attempt was no success in the span, or in the hour before it.
CREATE OR REPLACE MACRO chained_attempts(first_at, end_at, only_setbacks := false) AS TABLE
WITH inside AS (
    SELECT DISTINCT request_id
    FROM named_attempts(if(only_setbacks, first_at - INTERVAL 1 HOUR, first_at), end_at)
    WHERE status <> 'success' OR NOT only_setbacks
),

placed AS (
    SELECT
        *,
        coalesce(deployment_id, concat_ws(' / ', provider, model)) AS deployment,
        lead(started_at) OVER trace AS next_at,
        row_number() OVER trace AS place
    FROM named_attempts(first_at - INTERVAL 1 HOUR, end_at + INTERVAL 1 HOUR)
    WHERE request_id IN (SELECT request_id FROM inside)
    WINDOW trace AS (PARTITION BY request_id ORDER BY started_at, call_id)
),

ended AS (
    SELECT
        *,
        status = 'success' OR next_at IS NULL OR next_at > started_at + INTERVAL 1 HOUR AS is_last
    FROM placed
)

SELECT
    *,
    -- Which request of its trace this is, counted from the first that was read, and when the last attempt of it began.
    count(*) FILTER (is_last) OVER (
        PARTITION BY request_id ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS part,
    min(started_at) FILTER (is_last) OVER (
        PARTITION BY request_id ORDER BY place ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS ended_at
FROM ended;
