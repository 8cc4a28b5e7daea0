-- What is the last change of each budget?
SELECT name, epoch_us(max(changed_at)) AS changed_us, arg_max_null(definition, changed_at) AS definition
FROM budget_changes
GROUP BY name
ORDER BY name
