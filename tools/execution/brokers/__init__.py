"""One adapter a venue."""
