"""The org's management API: users, groups, apps, assignments, keys and event hooks."""
