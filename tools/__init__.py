"""The desk's tools: data, indicators, signals, risk, execution and the single door for orders."""
