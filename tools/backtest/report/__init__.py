"""A run as one HTML page that opens offline: no script, and nothing is fetched."""

from tools.backtest.report.page import page

__all__ = ["page"]
