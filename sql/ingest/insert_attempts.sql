-- Adds rows that are complete as they are.
INSERT INTO attempts BY NAME SELECT * FROM typed ORDER BY seq;
