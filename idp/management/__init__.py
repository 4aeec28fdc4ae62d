"""What administrators change: users, groups, apps, assignments, event hooks; and the System Log that records it."""
