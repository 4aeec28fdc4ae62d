"""Tests of what was probably meant in world files that cannot be used."""
