-- Does an attempt, or a group of them that share these names, count toward a budget? A name that it does not give is NULL.
CREATE OR REPLACE MACRO counts_toward(
    provider, model, model_group, deployment_id, team, user_id, end_user, key_name, application, tags,
    of_provider, of_model, of_model_group, of_deployment, of_team, of_user, of_end_user, of_key, of_application, of_tag
) AS
    (of_provider IS NULL OR provider = of_provider)
    AND (of_model IS NULL OR model = of_model)
    AND (of_model_group IS NULL OR model_group = of_model_group)
    AND (of_deployment IS NULL OR deployment_id = of_deployment)
    AND (of_team IS NULL OR team = of_team)
    AND (of_user IS NULL OR user_id = of_user)
    AND (of_end_user IS NULL OR end_user = of_end_user)
    AND (of_key IS NULL OR key_name = of_key)
    AND (of_application IS NULL OR application = of_application)
    AND (of_tag IS NULL OR list_contains(tags, of_tag));
