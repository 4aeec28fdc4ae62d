"""Tests of emulator.journeys."""
