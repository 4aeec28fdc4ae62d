"""A running emulator: its start, its state, its control site, and the programs around it."""
