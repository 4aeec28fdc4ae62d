"""AWS CloudTrail: what was done in the accounts, as events."""
