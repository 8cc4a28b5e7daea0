-- Does an attempt, or a group of them that share these names, pass the page's filters? An empty list is no filter.
CREATE OR REPLACE MACRO passes(
    provider, model, model_group, deployment_id, team, user_id, end_user, tags,
    providers, models, model_groups, deployments, teams, users, tags_any
) AS
    (len(CAST(providers AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(providers AS VARCHAR[]), provider), false))
    AND (len(CAST(models AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(models AS VARCHAR[]), model), false))
    AND (len(CAST(model_groups AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(model_groups AS VARCHAR[]), model_group), false))
    AND (len(CAST(deployments AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(deployments AS VARCHAR[]), deployment_id), false))
    AND (len(CAST(teams AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(teams AS VARCHAR[]), team), false))
    AND (len(CAST(users AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(users AS VARCHAR[]), user_id), false)
        OR coalesce(list_contains(CAST(users AS VARCHAR[]), end_user), false))
    AND (len(CAST(tags_any AS VARCHAR[])) = 0
        OR coalesce(list_has_any(tags, CAST(tags_any AS VARCHAR[])), false));
