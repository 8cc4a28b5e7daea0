"""Calls: finding single attempts by id or by what is known of them, and everything that is recorded of one."""
