"""What AWS holds: accounts, SAML providers' metadata, managed policies."""
