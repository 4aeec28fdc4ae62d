"""Tests of the mock AWS."""
