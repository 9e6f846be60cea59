"""Candles of the symbol last asked about; colours are set here for light and dark alike."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import date
from typing import Any

from nicegui import ui

from app.chat.bits import Text, box
from tools.assembly import House
from tools.clock import moment
from tools.domain.errors import TradingError
from tools.domain.market import Bar

logger = logging.getLogger(__name__)

SESSIONS = 120
UP, DOWN = "#2f9e83", "#d0603f"
# Half-transparent greys are readable on both grounds, so a change of mode needs no redraw.
LINE, INK = "rgba(128,128,128,0.22)", "#8a8f94"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which chart: a symbol, and the date the question was asked as of, if any."""

    symbol: str
    as_of: str | None = None


def options(bars: tuple[Bar, ...]) -> dict[str, Any]:
    """The chart of raw daily bars, oldest first."""
    axis = {"axisLine": {"lineStyle": {"color": LINE}}, "axisTick": {"show": False}}
    label = {"color": INK, "fontSize": 10}
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "grid": {"left": 44, "right": 8, "top": 8, "bottom": 22},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "cross"}, "confine": True},
        "xAxis": {
            "type": "category",
            "data": [bar.session.isoformat() for bar in bars],
            "axisLabel": label,
            **axis,
        },
        "yAxis": {
            "scale": True,
            "splitLine": {"lineStyle": {"color": LINE}},
            "axisLabel": label,
            **axis,
        },
        "series": [
            {
                "type": "candlestick",
                "name": "price",
                "data": [[float(p) for p in (b.open, b.close, b.low, b.high)] for b in bars],
                "itemStyle": {
                    "color": UP,
                    "color0": DOWN,
                    "borderColor": UP,
                    "borderColor0": DOWN,
                },
            }
        ],
    }


class Chart:
    """A place for one chart; keeps the last one until another symbol is asked about."""

    def __init__(self) -> None:
        """Empty, with a sentence."""
        self._wanted: Wanted | None = None
        self._day: date | None = None
        self._span: Text | None = None
        self._plot: ui.echart | None = None
        self._box = box("chart", testid="chart")
        with self._box:
            Text("Ask about a symbol to see its prices.", "muted")

    async def show(self, house: House, wanted: Wanted | None) -> None:
        """Draw what is wanted, if it is not there already; it moves with the market's day."""
        if wanted is None:
            return
        day = None if wanted.as_of else house.clock.now().date()
        if wanted == self._wanted and day == self._day:
            return
        again = wanted == self._wanted
        self._wanted, self._day = wanted, day
        try:
            history = await asyncio.to_thread(
                lambda: house.market.history(wanted.symbol, moment(wanted.as_of, house.clock))
            )
        except TradingError as error:
            self._fail(str(error))
            return
        except Exception:
            logger.exception("the chart of %r failed", wanted)
            self._fail("The chart can't be drawn; the log of the desk says why.")
            return
        if self._box.is_deleted or wanted != self._wanted:
            return
        bars = history.bars[-SESSIONS:]
        if again and self._plot is not None and self._span is not None:
            self._span.set_text(_span(bars))
            self._plot.options.clear()
            self._plot.options.update(options(bars))
            self._plot.update()
            return
        self._box.clear()
        with self._box:
            with box("caption"):
                Text(history.symbol, "symbol num")
                self._span = Text(_span(bars), "num")
                Text(f"{history.feed} feed, raw daily prices", "muted")
            plot = self._plot = ui.echart(options(bars)).classes("plot")
            plot.props["role"] = "img"
            plot.props["aria-label"] = f"Daily candles of {history.symbol}"

    def _fail(self, sentence: str) -> None:
        self._plot = None
        if not self._box.is_deleted:
            self._box.clear()
            with self._box:
                Text(sentence, "muted")


def _span(bars: tuple[Bar, ...]) -> str:
    return f"{bars[0].session} – {bars[-1].session}"
