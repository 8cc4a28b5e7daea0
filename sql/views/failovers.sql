-- When did a request move from a deployment that failed it to another, why, and what did that cost in time and dollars?
CREATE OR REPLACE VIEW views.failovers AS
SELECT
    request_id, moved_at, moved_from, moved_to, provider, model, model_group, to_model_group, reason, failed_attempts,
    added_us / 1000.0 AS added_ms, served, wasted_usd, served_usd
FROM moves(TIMESTAMPTZ '1970-01-02 00:00:00+00', TIMESTAMPTZ '2200-01-01 00:00:00+00');
COMMENT ON VIEW views.failovers IS
    'One row per move of a request to another deployment. Of a long lake ask moves(first_at, end_at), which reads that span alone.';
