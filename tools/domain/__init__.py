"""The nouns of the desk; standard library only."""
