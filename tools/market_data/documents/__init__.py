"""News, filings, posts and calendars: feeds of texts, each with the moment it was first known."""
