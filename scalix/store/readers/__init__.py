"""Child processes that answer the SQL of people over the lake, and can do nothing else."""
