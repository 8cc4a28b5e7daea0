-- Stretches in which LiteLLM's Router of one process left a deployment alone after it had failed.
CREATE TABLE cooldowns (
    began_at TIMESTAMPTZ,
    ends_at TIMESTAMPTZ,                     -- as was said when it began
    deployment_id VARCHAR,
    error_kind VARCHAR,                      -- of the failure that it followed
    error_class VARCHAR
);
