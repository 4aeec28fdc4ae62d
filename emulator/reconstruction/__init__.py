"""A recorded login, reconstructed: a world and a scenario that reproduce it, as far as a recording can say."""
