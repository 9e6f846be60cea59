"""The terminal, the HTTP service and the page: everything below, put together."""
