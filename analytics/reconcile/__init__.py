"""What a provider billed against what was recorded: the gap by day and model, as an exact sum of named parts."""
