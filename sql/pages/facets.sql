-- Which values can a filter take in a span of time? The most frequent ones of each kind.
-- Hours that were rolled up are taken whole; attempts beyond the rollup are read themselves.
WITH filled AS (
    SELECT coalesce(max(last_seq), -1) AS last_seq FROM rollup_fills WHERE rollup = 'spend'
),

seen AS (
    SELECT provider, model, model_group, deployment_id, team, user_id, end_user, tags, attempts
    FROM spend_hour
    WHERE bucket_at > $start - INTERVAL 1 HOUR AND bucket_at < $end
    UNION ALL
    SELECT provider, model, model_group, deployment_id, coalesce(team_alias, team_id), user_id, end_user, tags, 1
    FROM attempts
    WHERE started_at >= $start AND started_at < $end AND seq > (SELECT last_seq FROM filled)
),

counted AS (
    SELECT 'providers' AS facet, provider AS choice, sum(attempts) AS seen_in FROM seen GROUP BY provider
    UNION ALL
    SELECT 'models', model, sum(attempts) FROM seen GROUP BY model
    UNION ALL
    SELECT 'model_groups', model_group, sum(attempts) FROM seen GROUP BY model_group
    UNION ALL
    SELECT 'deployments', deployment_id, sum(attempts) FROM seen GROUP BY deployment_id
    UNION ALL
    SELECT 'teams', team, sum(attempts) FROM seen GROUP BY team
    UNION ALL
    SELECT 'users', person, sum(attempts)
    FROM (
        SELECT user_id AS person, attempts FROM seen
        UNION ALL
        SELECT end_user, attempts FROM seen WHERE end_user IS DISTINCT FROM user_id
    )
    GROUP BY person
    UNION ALL
    SELECT 'tags', tag, sum(attempts) FROM (SELECT unnest(tags) AS tag, attempts FROM seen) GROUP BY tag
)

SELECT facet, choice
FROM counted
WHERE choice IS NOT NULL AND choice <> ''
QUALIFY row_number() OVER (PARTITION BY facet ORDER BY seen_in DESC, choice ASC) <= $most
ORDER BY facet, seen_in DESC, choice;
