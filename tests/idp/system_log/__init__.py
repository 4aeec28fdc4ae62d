"""Tests of idp.system_log."""
