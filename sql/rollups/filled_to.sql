-- Up to which attempt has this rollup come?
SELECT coalesce(max(last_seq), -1) FROM rollup_fills WHERE rollup = $rollup
