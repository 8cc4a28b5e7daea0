"""Objectives: what was promised of success and speed, and how fast the allowance for errors is being used up."""
