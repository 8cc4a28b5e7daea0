-- Which values of a column mention this text?
SELECT DISTINCT {column} AS value FROM {place} WHERE contains(CAST({column} AS VARCHAR), $text)
