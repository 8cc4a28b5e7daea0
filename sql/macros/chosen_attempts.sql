-- Which attempts lie in a span of time, and which of them pass the page's filters?
-- An empty list is no filter. Rows that do not pass stay in, marked, so that a request can be judged by all its attempts.
CREATE OR REPLACE MACRO chosen_attempts(
    first_at, end_at, providers, models, model_groups, deployments, teams, users, tags_any
) AS TABLE
SELECT
    *,
    passes(
        provider, model, model_group, deployment_id, team, user_id, end_user, tags,
        providers, models, model_groups, deployments, teams, users, tags_any
    ) AS chosen
FROM named_attempts(first_at, end_at);
