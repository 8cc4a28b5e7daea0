-- Takes away what a person said, was answered and sent along, and where nobody shall be told apart, under which name.
UPDATE {table}
SET
    prompt = NULL,
    answer = NULL,
    metadata = NULL,
    session_id = NULL,
    user_id = CASE WHEN user_id = $name AND $erase THEN NULL ELSE user_id END,
    end_user = CASE WHEN end_user = $name AND $erase THEN NULL ELSE end_user END
WHERE user_id = $name OR end_user = $name
