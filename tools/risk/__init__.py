"""Limits, rules and the gate: whether an order may go, and every reason why not."""
