"""Four agents that answer a question; every tool they use is reached through MCP."""
