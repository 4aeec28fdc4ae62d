"""Runs of many scenarios: over several processes, told while they go on, and again when a file is saved."""
