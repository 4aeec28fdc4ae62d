"""Tests of ``emulator.seeds.other_files``."""
