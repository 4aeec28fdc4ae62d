"""Tests of ``emulator.seeds.aws_answers``."""
