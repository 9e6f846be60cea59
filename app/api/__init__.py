"""The HTTP API: one router a file. Bodies are checked; unknown fields are refused."""
