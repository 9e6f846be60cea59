"""Yahoo Finance through yfinance: daily bars of most US listings, when there is a network.

Yahoo's data is for personal use, by its terms; yfinance is not affiliated with Yahoo.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import warnings
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tools.domain.errors import DataUnavailable, TradingError
from tools.domain.instrument import Instrument
from tools.domain.market import Bar
from tools.market_data.feeds.reach import Reachability
from tools.market_data.feeds.yahoo_frame import META, bars_of, instrument_of, yahoo_symbol
from tools.ports import Clock

if TYPE_CHECKING:
    import pandas as pd

HOST = "query2.finance.yahoo.com"
KEPT = timedelta(minutes=10)
NOT_FOUND = 404
Answer = tuple[Instrument, tuple[Bar, ...]]


class YahooFeed:
    """Asks Yahoo only when its host answers a plain connect; imports yfinance only then.

    An answer is kept for ten minutes of ``clock.wall()`` in this process. A failed or slow request
    counts as "unreachable" for ten minutes; a symbol that Yahoo does not have is remembered as
    well. Nothing is raised for either: the next feed is asked and ``notice`` says why.
    """

    name = "yahoo"
    live = True

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
        """Ask on a thread with a deadline: yfinance's own time-outs add up to a minute."""
        results: list[tuple[pd.DataFrame, dict[str, object]] | Exception | None] = []

        def work() -> None:
            try:
                results.append(self._download(yahoo_symbol(symbol)))
            except Exception as error:  # noqa: BLE001 - raised again below, on the caller's thread
                results.append(error)

        thread = threading.Thread(target=work, name=f"yahoo {symbol}", daemon=True)
        thread.start()
        thread.join(self._deadline)
        result = results[0] if results else TimeoutError(f"no answer in {self._deadline:g} s")
        if isinstance(result, Exception):
            raise result
        if result is None:
            return None
        instrument = instrument_of(symbol, result[1])
        bars = bars_of(result[0], instrument, now)
        return (instrument, bars) if bars else None

    def _download(self, ticker: str) -> tuple[pd.DataFrame, dict[str, object]] | None:
        """The whole history as yfinance gives it; None for a symbol that Yahoo does not have."""
        import yfinance
        from yfinance.exceptions import YFPricesMissingError, YFTzMissingError

        warnings.filterwarnings("ignore", module=r"yfinance\.")
        logging.getLogger("yfinance").setLevel(logging.CRITICAL)
        yfinance.config.debug.hide_exceptions = False
        if self._state is not None:
            with contextlib.suppress(OSError):
                yfinance.set_tz_cache_location(str(self._state / "yfinance"))
        source = yfinance.Ticker(ticker, session=self._session)
        try:
            frame = source.history(
                period="max", interval="1d", auto_adjust=False, actions=True, timeout=5
            )
        except (YFTzMissingError, YFPricesMissingError):
            return None
        except Exception as error:
            if getattr(getattr(error, "response", None), "status_code", None) == NOT_FOUND:
                return None
            raise
        if frame.empty:
            return None
        meta = source.get_history_metadata()
        # Only by name: asking it for everything sends one more request.
        return frame, {key: meta.get(key) for key in META}
