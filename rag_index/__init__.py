"""The index over the knowledge base: chunk, embed, store, search."""
