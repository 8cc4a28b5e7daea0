-- Which requests did LiteLLM move from one model group to another, and did that help?
CREATE OR REPLACE VIEW views.fallbacks AS
SELECT * FROM raw.fallbacks;
COMMENT ON VIEW views.fallbacks IS 'One row per move of a request to another model group.';
