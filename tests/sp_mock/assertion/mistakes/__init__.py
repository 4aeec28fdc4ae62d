"""What exactly is wrong with a message, in words and to the character."""
