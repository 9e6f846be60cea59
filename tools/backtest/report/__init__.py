"""Kept documents as HTML pages that open offline: no script, and nothing is fetched."""

from tools.backtest.report.page import page

__all__ = ["page"]
