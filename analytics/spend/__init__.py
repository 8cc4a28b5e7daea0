"""What was spent: on what, by whom, why it changed, and how far each figure can be trusted."""
