-- Notes since when something is complete.
INSERT INTO retentions VALUES ($what, $since)
