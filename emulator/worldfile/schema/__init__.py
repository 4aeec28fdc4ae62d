"""What a world may say: the settings of orgs, accounts and instances, and how a wrong one is reported."""
