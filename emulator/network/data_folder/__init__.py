"""What the data folder keeps: key pairs, the certificate authority, files that only their owner reads."""
