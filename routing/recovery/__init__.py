"""What happens when calls fail: which are tried again and when, and what people are told in the end."""
