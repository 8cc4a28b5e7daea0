"""What people ask with SQL of their own: named queries, and readers that can do no harm."""
