"""Indicators one bar at a time, bit for bit as ``compute`` gives them on the same bars."""
