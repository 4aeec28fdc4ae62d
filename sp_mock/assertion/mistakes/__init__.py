"""What exactly is wrong with a message that is refused, in words, and what would be right."""
