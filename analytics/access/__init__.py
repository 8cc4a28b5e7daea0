"""Access: who may call through the gateway, what they may spend, and how often. Kept in the control store."""
