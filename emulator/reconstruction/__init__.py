"""A recorded login made again: the world and the scenario that it comes from, as far as a recording can say."""
