"""Measurements: medians and ratios, each in one run."""
