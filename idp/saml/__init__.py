"""From a person and an app to a signed Response."""
