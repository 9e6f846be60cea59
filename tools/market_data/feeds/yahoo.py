"""Yahoo Finance through yfinance, when there is a network: listings of the US and India.

Yahoo's data is for personal use, by its terms; yfinance is not affiliated with Yahoo.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tools.domain.actions import Dividend, StockSplit
from tools.domain.errors import DataUnavailable, InputError, TradingError
from tools.domain.instrument import Instrument
from tools.domain.market import Bar, aware_utc
from tools.domain.options import OptionQuote
from tools.domain.timeframe import Timeframe, Unit
from tools.market_data.feeds.deadline import within
from tools.market_data.feeds.reach import Reachability
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.yahoo_frame import (
    META,
    bars_of,
    dividends_of,
    instrument_of,
    splits_of,
    yahoo_symbol,
)
from tools.market_data.symbols import pair
from tools.ports import Clock

if TYPE_CHECKING:
    import pandas as pd

    from tools.market_data.columns import BarColumns

HOST = "query2.finance.yahoo.com"
KEPT = timedelta(minutes=10)
NOT_FOUND = 404
# A chain takes a request for each expiry: it may last so many times as long as another answer.
CHAIN = 4
T = TypeVar("T")
Answer = tuple[Instrument, tuple[Bar, ...], tuple[Dividend, ...], tuple[StockSplit, ...]]


def _forget() -> None:
    """Empty yfinance's own memory of answers, in which it keeps broken ones as well."""
    from yfinance.data import YfData

    YfData.cache_get.cache_clear()


class YahooFeed:
    """Asks Yahoo only when its host answers a plain connect; imports yfinance only then.

    An answer is kept for ten minutes of ``clock.wall()`` in this process. A failed or slow request
    counts as "unreachable" for ten minutes; a symbol that Yahoo does not have is remembered as
    well. Nothing is raised for either: the next feed is asked and ``notice`` says why.
    """

    name = "yahoo"
    live = True
    timeframes = (
        *(Timeframe(count, Unit.MINUTE) for count in (1, 5, 15, 30)),
        Timeframe(1, Unit.HOUR),
    )

    def __init__(
        self,
        clock: Clock,
        state: Path | None = None,
        *,
        host: str = HOST,
        port: int = 443,
        deadline: float = 8.0,
        session: object | None = None,
    ) -> None:
        """``state`` is the folder for small memories; ``session`` replaces yfinance's own.

        ``host`` and ``port`` are what is tried for reachability; ``deadline`` is in seconds, for
        all requests behind one symbol.
        """
        self._clock = clock
        self._state = state
        self._deadline = deadline
        self._session = session
        memory = state / "yahoo_reachable.json" if state else None
        self._reach = Reachability(host, port, clock, memory)
        self._kept: dict[str, tuple[datetime, Answer | TradingError | None]] = {}
        self._notice = ""

    def symbols(self) -> tuple[str, ...]:
        """None: Yahoo has no list, it is asked by name."""
        return ()

    def instrument(self, symbol: str) -> Instrument | None:
        """The listing that came with the bars."""
        answer = self._ask(symbol)
        return answer[0] if answer else None

    def bars(self, symbol: str) -> tuple[Bar, ...] | None:
        """Settled daily bars, None when unreachable or unknown there."""
        answer = self._ask(symbol)
        return answer[1] if answer else None

    def dividends(self, symbol: str) -> tuple[Dividend, ...] | None:
        """As in DividendsFeed: those that came with the bars."""
        answer = self._ask(symbol)
        return answer[2] if answer else None

    def splits(self, symbol: str) -> tuple[StockSplit, ...] | None:
        """As in SplitsFeed: those that came with the bars."""
        answer = self._ask(symbol)
        return answer[3] if answer else None

    def range(
        self, symbol: str, timeframe: Timeframe, start: datetime, end: datetime
    ) -> BarColumns | None:
        """Finished bars as traded, the hours around the session among them; empty before it.

        The hours are counted from the session's open. InputError for another timeframe, and
        DataUnavailable further back than Yahoo goes: a month with minutes, two years with hours.
        """
        from tools.market_data.feeds.yahoo_intraday import columns_of, pieces, since

        if timeframe not in self.timeframes:
            listed = ", ".join(map(str, self.timeframes))
            raise InputError(f"Yahoo has no bars of {timeframe}: use {listed}.")
        start, end = aware_utc(start, "start"), aware_utc(end, "end")
        if self._ask(symbol) is None:
            return None
        wall, ticker = self._clock.wall(), yahoo_symbol(symbol)
        spans = list(pieces(symbol, timeframe, start, wall))
        frames = [
            frame
            for first, last in spans
            if (frame := self._piece(ticker, timeframe, first, last)) is not None
        ]
        found = columns_of(symbol, timeframe, frames, wall)
        return since(found, start).as_of(end)

    def chain(self, underlying: str) -> tuple[OptionQuote, ...] | None:
        """Every contract of a hundred shares; a quarter of an hour late, and without Greeks."""
        from tools.market_data.feeds.yahoo_chain import chain_of, download

        if pair(underlying) or self._ask(underlying) is None:
            return None
        ticker = yahoo_symbol(underlying)
        seconds = CHAIN * self._deadline
        rows = self._told(seconds, lambda: download(self._source(ticker)))
        return chain_of(underlying, rows, self._clock.wall())

    def _piece(
        self, ticker: str, timeframe: Timeframe, first: datetime, last: datetime
    ) -> pd.DataFrame | None:
        span = {"start": first, "end": last, "interval": str(timeframe), "prepost": True}
        return self._told(self._deadline, lambda: self._history(ticker, **span)[0])

    def _told(self, seconds: float, job: Callable[[], T]) -> T:
        """What Yahoo says to it, Unanswered where it says nothing."""
        try:
            return within(seconds, job, "yahoo")
        except Exception as error:  # noqa: BLE001 - yfinance raises what its libraries raise
            kind = type(error).__name__
            limited = kind == "YFRateLimitError"
            _forget()
            raise Unanswered(f"Yahoo did not answer ({kind}).", limited=limited) from None

    def label(self, symbol: str) -> str:
        """The same for every symbol."""
        return self.name

    def latest(self) -> datetime | None:
        """The wall's now when Yahoo can be reached, else None."""
        return self._clock.wall() if self._reach.ok() else None

    def notice(self) -> str:
        """Why Yahoo did not answer the last question, empty when it did or has no such symbol."""
        return self._notice

    def _ask(self, symbol: str) -> Answer | None:
        now = self._clock.wall()
        kept = self._kept.get(symbol)
        if kept is None or not timedelta(0) <= now - kept[0] < KEPT:
            if not self._reach.ok():
                self._notice = "Yahoo could not be reached"
                return None
            try:
                found: Answer | TradingError | None = self._fetch(symbol, now)
            except DataUnavailable as error:
                found = error
            except Exception as error:  # noqa: BLE001 - yfinance raises what its libraries raise
                self._reach.remember(False)
                self._notice = f"Yahoo did not answer ({type(error).__name__})"
                return None
            kept = self._kept[symbol] = now, found
        self._notice = ""
        if isinstance(kept[1], TradingError):
            raise kept[1]
        return kept[1]

    def _fetch(self, symbol: str, now: datetime) -> Answer | None:
        """Ask with a deadline: yfinance's own time-outs add up to a minute."""
        ticker = yahoo_symbol(symbol)
        result = within(self._deadline, lambda: self._download(ticker), f"yahoo {symbol}")
        if result is None:
            return None
        instrument = instrument_of(symbol, result[1])
        bars = bars_of(result[0], instrument, now)
        frame = result[0]
        paid, splits = dividends_of(frame, instrument), splits_of(frame, instrument)
        return (instrument, bars, paid, splits) if bars else None

    def _download(self, ticker: str) -> tuple[pd.DataFrame, dict[str, object]] | None:
        """The whole history as yfinance gives it; None for a symbol that Yahoo does not have."""
        frame, source = self._history(ticker, period="max", interval="1d")
        if frame is None:
            return None
        meta = source.get_history_metadata()
        # Only by name: asking it for everything sends one more request.
        return frame, {key: meta.get(key) for key in META}

    def _history(self, ticker: str, **span: object) -> tuple[pd.DataFrame | None, Any]:
        from yfinance.exceptions import YFPricesMissingError, YFTzMissingError

        source = self._source(ticker)
        try:
            frame = source.history(auto_adjust=False, actions=True, timeout=5, **span)
        except (YFTzMissingError, YFPricesMissingError):
            return None, source
        except Exception as error:
            if getattr(getattr(error, "response", None), "status_code", None) == NOT_FOUND:
                return None, source
            raise
        return (None if frame.empty else frame), source

    def _source(self, ticker: str) -> Any:
        import yfinance

        warnings.filterwarnings("ignore", module=r"yfinance\.")
        logging.getLogger("yfinance").setLevel(logging.CRITICAL)
        yfinance.config.debug.hide_exceptions = False
        if self._state is not None:
            with contextlib.suppress(OSError):
                yfinance.set_tz_cache_location(str(self._state / "yfinance"))
        return yfinance.Ticker(ticker, session=self._session)
