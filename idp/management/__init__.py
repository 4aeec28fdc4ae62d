"""What administrators change: users, groups, apps, assignments and event hooks, with the System Log that records it."""
