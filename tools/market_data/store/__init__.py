"""What the desk keeps of the market: bars, trades and quotes, each with since when it is known."""
