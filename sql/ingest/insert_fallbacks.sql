-- Adds fallbacks; one that is there already came from a copy of its segment.
INSERT INTO fallbacks
SELECT
    make_timestamptz(at_us), id_of(trace_id), id_of(call_id), original_model_group, model_group,
    fallback_depth::SMALLINT, succeeded, error_kind, error_class
FROM rare_fallback
EXCEPT
SELECT * FROM fallbacks
WHERE happened_at BETWEEN make_timestamptz($first_us) AND make_timestamptz($last_us)
