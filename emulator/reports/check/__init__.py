"""Formats for the findings of ``fedemu check``: text, JSON, SARIF."""
