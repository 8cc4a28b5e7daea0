-- What has each meter of each model cost, since when, who said so, and when did we learn it?
-- amount is in USD per million units, or a plain factor where the meter is factor; NULL withdraws the price.
CREATE OR REPLACE VIEW views.prices AS
SELECT
    *,
    lead(known_from) OVER (
        PARTITION BY provider, model, meter, above_tokens, service_tier, region, hours, origin
        ORDER BY known_from, valid_from
    ) AS next_known_from
FROM raw.prices;
COMMENT ON VIEW views.prices IS
    'One row per price fact. Own prices win over litellm; of facts about the same time, the one known last.';
