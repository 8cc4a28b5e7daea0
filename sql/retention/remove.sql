-- Takes away what is older than this.
DELETE FROM {table} WHERE {moment} < $since
