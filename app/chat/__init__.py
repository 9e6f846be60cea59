"""The page: a conversation with the agents beside a live view of the desk."""
