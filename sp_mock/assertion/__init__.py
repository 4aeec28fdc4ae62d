"""A received assertion: parsed, decrypted, verified, checked, and trusted or not."""
