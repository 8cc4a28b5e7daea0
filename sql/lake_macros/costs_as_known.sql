-- What did each attempt cost by what was in the books at a moment: as booked, or as adjusted until then?
CREATE OR REPLACE MACRO costs_as_known(as_known_at) AS TABLE
SELECT
    a.started_at,
    a.call_id,
    a.provider,
    a.model,
    CASE WHEN d.call_id IS NULL THEN a.booked_cost_usd ELSE d.after_usd END AS cost_usd
FROM attempts AS a
LEFT JOIN (
    SELECT started_at, call_id, arg_max(after_usd, booked_at) AS after_usd
    FROM adjustments
    WHERE booked_at <= CAST(as_known_at AS TIMESTAMPTZ)
    GROUP BY started_at, call_id
) AS d ON a.started_at = d.started_at AND a.call_id = d.call_id;
