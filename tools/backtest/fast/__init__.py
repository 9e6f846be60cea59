"""Backtests over arrays, compiled: one strategy bar by bar, or thousands at once, metrics only.

A strategy decides at a bar's close and trades from the next bar on, so no fill is ever on the bar
that made the decision. Everything is float64; money here is an estimate and no ledger.
"""
