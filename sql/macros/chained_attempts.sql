-- Which attempts belong together as requests of which one lies in a span, and how do they follow each other?
-- A request is a chain of attempts of one trace that ends with its first success, or where nothing follows within an
-- hour. So what a chain is can be told from an hour on either side, whatever trace ids are used for.
CREATE OR REPLACE MACRO chained_attempts(first_at, end_at) AS TABLE
WITH inside AS (
    SELECT DISTINCT request_id FROM named_attempts(first_at, end_at)
),

placed AS (
    SELECT
        *,
        coalesce(deployment_id, concat_ws(' / ', provider, model)) AS deployment,
        lead(started_at) OVER trace AS next_at
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
    -- Which request of its trace this is, counted from the first that was read.
    count(*) FILTER (is_last) OVER (
        PARTITION BY request_id ORDER BY started_at, call_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS part
FROM ended;
