"""Failover: where requests moved when a deployment failed them, what that saved, and what it cost."""
