"""Routing: which deployment the next call goes to, and why. Runs in other people's processes."""
