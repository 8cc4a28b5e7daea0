-- Which prices held at a moment, as they were known at a moment?
-- Of each origin the fact known last speaks, also when it withdraws a price; own prices win over LiteLLM's.
CREATE OR REPLACE MACRO prices_as_of(valid_at, as_known_at) AS TABLE
WITH spoken AS (
    SELECT * EXCLUDE (next_known_from)
    FROM prices
    WHERE
        valid_from <= CAST(valid_at AS TIMESTAMPTZ)
        AND (valid_to IS NULL OR valid_to > CAST(valid_at AS TIMESTAMPTZ))
        AND known_from <= CAST(as_known_at AS TIMESTAMPTZ)
    QUALIFY row_number() OVER (
        PARTITION BY provider, model, meter, above_tokens, service_tier, region, hours, origin
        ORDER BY known_from DESC, valid_from DESC, amount DESC NULLS LAST
    ) = 1
)
SELECT *
FROM spoken
WHERE amount IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY provider, model, meter, above_tokens, service_tier, region, hours
    ORDER BY (origin = 'own') DESC
) = 1;
