-- The same view under the name that people type.
CREATE OR REPLACE VIEW main.{view} AS SELECT * FROM views.{view}
