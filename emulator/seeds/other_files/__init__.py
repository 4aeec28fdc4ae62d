"""Recognises files that cannot fill a world, and says what to provide instead."""
