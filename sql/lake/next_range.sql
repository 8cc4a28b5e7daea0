-- Which sequences has the ledger beyond what is published?
SELECT min(seq) AS first, max(seq) AS last FROM attempts WHERE seq > $published
