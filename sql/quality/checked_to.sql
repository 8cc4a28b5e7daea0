-- Up to which attempt has the job looked, and up to which are there any?
SELECT
    coalesce((SELECT max(last_seq) FROM quality_checks), -1) AS checked,
    coalesce((SELECT max(seq) FROM attempts), -1) AS newest
