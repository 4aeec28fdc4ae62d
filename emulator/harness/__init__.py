"""The parts of the pytest plugin: scenario files as tests, logins of tests, traces that are kept."""
