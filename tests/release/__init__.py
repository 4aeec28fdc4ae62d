"""What is handed to others: the package, its dependencies, and the environments in which it runs."""
