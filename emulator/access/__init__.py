"""Every login that there is: who gets where with which role, decided without making the login."""
