-- Adds rows that are complete but for what was booked, which is in picodollars.
INSERT INTO attempts BY NAME
SELECT
    * EXCLUDE (book_cost_pusd, high_cost_pusd, book_saved_pusd),
    usd_of(book_cost_pusd) AS book_cost_usd,
    usd_of(high_cost_pusd) AS high_cost_usd,
    usd_of(book_saved_pusd) AS book_saved_usd
FROM typed
ORDER BY seq;
