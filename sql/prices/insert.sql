-- Adds price facts; one that is there already came from a copy of its segment.
INSERT INTO prices
SELECT
    provider, model, meter, above_tokens, service_tier, region, hours, CAST(amount AS DECIMAL(30, 12)),
    valid_from, valid_to, known_from, origin, source
FROM new_prices
EXCEPT
SELECT * FROM prices
