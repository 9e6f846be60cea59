"""Kept runs side by side: what they don't share, then their figures, then what luck can do."""
