-- How did budgets change, who changed them, and why? The latest first.
SELECT changed_at, name, definition, changed_by, reason
FROM budget_changes
ORDER BY changed_at DESC, name
LIMIT $rows
