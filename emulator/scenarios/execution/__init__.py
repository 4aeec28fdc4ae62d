"""Runs of many scenarios: in several processes, with progress, and repeated when a file is saved."""
