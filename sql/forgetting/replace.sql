-- Puts other values in the place of some.
UPDATE {place} SET {column} = changed.after FROM changed WHERE {column} = changed.before
