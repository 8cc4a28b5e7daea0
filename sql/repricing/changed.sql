-- Of which attempts does the book say now what it did not say before?
SELECT
    a.seq,
    a.started_at,
    a.call_id,
    coalesce(a.book_cost_usd, a.litellm_cost_usd) AS booked_usd,
    coalesce(a.adjusted_usd, booked_usd) AS before_usd,
    usd_of(r.book_cost_pusd) AS after_usd
FROM attempts AS a
JOIN repriced AS r ON a.seq = r.seq
WHERE before_usd IS DISTINCT FROM after_usd
