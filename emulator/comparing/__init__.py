"""Two worlds compared: who loses, gains or changes which login, by which setting, and what would give it back."""
