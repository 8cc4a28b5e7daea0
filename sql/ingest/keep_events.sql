-- Keeps events of attempts that may still change.
INSERT INTO attempt_events BY NAME SELECT * FROM kept;
