"""The user's own documents: read to a canonical text, kept with what is known of them, cut."""
