-- Which map did the book last learn from?
SELECT source FROM prices WHERE origin = 'litellm' ORDER BY known_from DESC LIMIT 1
