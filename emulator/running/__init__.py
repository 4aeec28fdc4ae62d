"""An emulator that runs: its start, its state, its control site, the programs around it."""
