-- What does the price book hold?
SELECT
    provider, model, meter, above_tokens, service_tier, region, hours, amount,
    valid_from AT TIME ZONE 'UTC' AS valid_from,
    valid_to AT TIME ZONE 'UTC' AS valid_to,
    known_from AT TIME ZONE 'UTC' AS known_from,
    origin, source
FROM prices
