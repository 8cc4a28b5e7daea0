"""What a call costs: dated price facts, the arithmetic over them, and where they come from."""
