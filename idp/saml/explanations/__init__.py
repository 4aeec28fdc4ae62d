"""Where each value of an issued message comes from, derived when somebody asks."""
