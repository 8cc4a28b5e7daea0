"""Replay: what recorded traffic would have come to under another policy, other prices, an outage or a budget.

It alone of routing reads the ledger, and is never loaded into other people's processes.
"""
