"""Faults of the network that somebody planted: slow, cut, overloaded."""
