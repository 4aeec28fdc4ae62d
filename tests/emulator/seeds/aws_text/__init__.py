"""Tests of ``emulator.seeds.aws_text``."""
