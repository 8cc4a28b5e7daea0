-- What is each model called where only the busiest have names? All others together are "other".
CREATE OR REPLACE MACRO busiest_models(most) AS TABLE (
    SELECT
        provider,
        model,
        if(place <= most, coalesce(provider, ''), 'other') AS provider_name,
        if(place <= most, coalesce(model, ''), 'other') AS model_name
    FROM (
        SELECT provider, model, row_number() OVER (ORDER BY sum(attempts) DESC, provider, model) AS place
        FROM reliability_day
        GROUP BY provider, model
    )
);
