"""Strategies to begin with: one file each, explained by an article in the knowledge base."""
