"""Tests of how many scenarios are run."""
