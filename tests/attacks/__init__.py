"""Attacks on sign-in and STS: forged, wrapped, malformed and unfitting messages, and benign ones beside them."""
