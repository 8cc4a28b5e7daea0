-- What did the job find of the days of a span: kind by kind, how much, on which days, and about what most?
WITH days AS (
    SELECT kind, day, sum(events) AS events, sum(tokens) AS tokens, sum(amount_usd) AS amount_usd
    FROM quality_findings
    WHERE day > $start - INTERVAL 1 DAY AND day < $end
    GROUP BY kind, day
),

about AS (
    SELECT
        kind,
        concat_ws(' ', provider, model, subject) AS about,
        row_number() OVER (PARTITION BY kind ORDER BY sum(events) DESC, about) AS place
    FROM quality_findings
    WHERE day > $start - INTERVAL 1 DAY AND day < $end
    GROUP BY kind, about
)

SELECT
    days.kind,
    CAST(sum(days.events) AS BIGINT) AS events,
    CAST(sum(days.tokens) AS BIGINT) AS tokens,
    sum(days.amount_usd) AS amount_usd,
    list(CAST(days.events AS BIGINT) ORDER BY days.day) AS by_day,
    max(days.day) AS last_day,
    any_value(about.about) AS mostly
FROM days
LEFT JOIN about ON days.kind = about.kind AND about.place = 1
GROUP BY days.kind
ORDER BY events DESC, days.kind
