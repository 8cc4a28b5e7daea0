-- What is an attempt, or a bucket of them, called when they are told apart by provider, model, group or deployment?
CREATE OR REPLACE MACRO name_by(called_by, provider, model, model_group, deployment_id) AS
    CASE called_by
        WHEN 'model' THEN model WHEN 'model_group' THEN model_group WHEN 'deployment' THEN deployment_id ELSE provider
    END;
