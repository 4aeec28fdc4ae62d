"""The built-in catalogue of scenarios and worlds: YAML only."""
