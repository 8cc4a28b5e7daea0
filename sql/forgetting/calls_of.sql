-- Which calls did this person make?
SELECT DISTINCT coalesce(call_id_text, CAST(call_id AS VARCHAR)) FROM attempts WHERE user_id = $name OR end_user = $name
