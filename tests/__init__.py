"""Tests: each package mirrors the one it tests; flows, clients and browser go all the way."""
