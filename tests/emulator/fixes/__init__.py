"""Tests of proposed changes."""
