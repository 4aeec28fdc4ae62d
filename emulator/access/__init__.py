"""Every possible login: who gets where with which role, decided without making the login."""
