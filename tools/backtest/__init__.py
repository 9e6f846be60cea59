"""Strategies on the past: through the real desk, or compiled and by the thousand."""
