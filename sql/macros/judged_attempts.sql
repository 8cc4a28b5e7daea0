-- By which of its attempts is a bucket of reliability judged, and how many went wrong? The same for every measure.
CREATE OR REPLACE MACRO judged_attempts(rollup, measure) AS TABLE
SELECT
    *,
    CAST(NULL AS VARCHAR) AS team,
    succeeded + failed AS judged,
    provider_errors AS gone_wrong
FROM query_table(rollup);
