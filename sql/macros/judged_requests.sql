-- By which of its requests is a bucket of them judged, and how many went wrong? Their errors are those of their attempts.
CREATE OR REPLACE MACRO judged_requests(rollup, measure) AS TABLE
SELECT
    *,
    CAST(NULL AS VARCHAR) AS provider,
    CAST(NULL AS VARCHAR) AS model,
    CAST(NULL AS VARCHAR) AS deployment_id,
    CASE WHEN measure = 'success' THEN answered + failed ELSE ended_attempts END AS judged,
    CASE WHEN measure = 'success' THEN failed ELSE provider_errors END AS gone_wrong
FROM query_table(rollup);
