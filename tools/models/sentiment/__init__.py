"""The tone of a text: who scores it, by which rules, and what a score is worth."""
