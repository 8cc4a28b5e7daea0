-- What was spent in a span of time by the attempts that pass the page's filters: twice, as rolled up and attempt by attempt?
-- A question takes each moment from one of the two; which, analytics/spend/sources decides.
CREATE OR REPLACE MACRO spending(
    rollup, first_at, end_at, providers, models, model_groups, deployments, teams, users, tags_any
) AS TABLE
SELECT
    bucket_at AS moment,
    true AS rolled_up,
    * EXCLUDE (bucket_at)
FROM query_table(rollup)
WHERE
    bucket_at >= first_at AND bucket_at < end_at
    AND passes(
        provider, model, model_group, deployment_id, team, user_id, end_user, tags,
        providers, models, model_groups, deployments, teams, users, tags_any
    )
UNION ALL BY NAME
SELECT *, false AS rolled_up
FROM spent_attempts(
    first_at, end_at, providers, models, model_groups, deployments, teams, users, tags_any
);
