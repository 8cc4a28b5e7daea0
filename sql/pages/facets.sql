-- Which values can a filter take in a span of time? The most frequent ones of each kind.
WITH seen AS (
    SELECT provider, model, model_group, deployment_id, coalesce(team_alias, team_id) AS team, user_id, end_user, tags
    FROM attempts
    WHERE started_at >= $start AND started_at < $end
),

counted AS (
    SELECT 'providers' AS facet, provider AS choice, count(*) AS attempts FROM seen GROUP BY provider
    UNION ALL
    SELECT 'models', model, count(*) FROM seen GROUP BY model
    UNION ALL
    SELECT 'model_groups', model_group, count(*) FROM seen GROUP BY model_group
    UNION ALL
    SELECT 'deployments', deployment_id, count(*) FROM seen GROUP BY deployment_id
    UNION ALL
    SELECT 'teams', team, count(*) FROM seen GROUP BY team
    UNION ALL
    SELECT 'users', person, count(*)
    FROM (
        SELECT user_id AS person FROM seen
        UNION ALL
        SELECT end_user FROM seen WHERE end_user IS DISTINCT FROM user_id
    )
    GROUP BY person
    UNION ALL
    SELECT 'tags', tag, count(*) FROM (SELECT unnest(tags) AS tag FROM seen) GROUP BY tag
)

SELECT facet, choice
FROM counted
WHERE choice IS NOT NULL AND choice <> ''
QUALIFY row_number() OVER (PARTITION BY facet ORDER BY attempts DESC, choice ASC) <= $most
ORDER BY facet, attempts DESC, choice;
