"""Reads the ledger and what else is known, and can only make the mode stricter."""
