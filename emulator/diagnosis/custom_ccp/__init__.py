"""Pages of one's own that show the CCP: read from their files, and checked against the instance that they embed."""
