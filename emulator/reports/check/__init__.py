"""Forms of what ``fedemu check`` found: text, JSON, SARIF."""
