-- The value of a column, or what has taken its place.
coalesce(
    (SELECT after FROM {changed} WHERE before = {column}), {column}
)
