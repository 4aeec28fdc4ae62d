"""Forms of what ``fedemu compare`` found: text, JSON, JUnit, Markdown."""
