"""Formats for the results of ``fedemu compare``: text, JSON, JUnit, Markdown."""
