-- When did LiteLLM's Router leave which deployment alone, and after which error?
CREATE OR REPLACE VIEW views.cooldowns AS
SELECT * FROM raw.cooldowns;
COMMENT ON VIEW views.cooldowns IS
    'One row per time that the Router of a process set a deployment aside; those of several processes overlap.';
