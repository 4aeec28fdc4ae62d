"""Where each value of an issued message comes from, worked out when somebody asks."""
