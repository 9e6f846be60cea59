"""Fetching by the clock: jobs that survive a restart, each due run done once."""
