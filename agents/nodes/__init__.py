"""One node a file, each with its prompt as Markdown beside it."""
