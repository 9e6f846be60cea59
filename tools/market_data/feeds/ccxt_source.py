"""Questions to a crypto exchange through the unmodified ccxt: rows, or an error in a sentence."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any, TypeVar

import ccxt

from tools.domain.errors import ConfigError, DataUnavailable
from tools.market_data.feeds.ccxt_wire import Watched, blocked, exact, members_only
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import Refusal, documented

T = TypeVar("T")
# Candles at most of one page where ccxt doesn't know how many the exchange gives, and pages at most
# of one question.
PAGE, PAGES = 100, 5000
SECOND, HOUR, DAY = 1000, 3_600_000, 86_400_000


@dataclass(frozen=True, slots=True)
class Windows:
    """How an exchange's trades can be asked for by a span; all times are milliseconds.

    ``page`` is how many it gives at most, ``longest`` how long a span it takes, ``step`` what it
    counts time in. Which of the trades of a full page are left out is never relied upon.
    """

    page: int
    longest: int
    step: int


# By their own documentation these keep to both ends of a span; of the others no page is known to be
# whole, so that only their latest trades are asked for.
WINDOWS = {
    "binance": Windows(1000, HOUR - 2, 1),
    "binanceus": Windows(1000, HOUR - 2, 1),
    "coinbase": Windows(1000, DAY, SECOND),
}


class CcxtSource:
    """One exchange, asked one question at a time and no faster than ccxt knows that it takes them.

    Unanswered for what gets no answer or none that can be read, without an attempt of ccxt's own to
    ask again; Refusal, with the exchange's words, where it says no.
    """

    def __init__(self, exchange: str, seconds: float, urls: Mapping[str, Any] | None) -> None:
        """``seconds`` is the wait for each answer; ``urls`` takes the place of ccxt's ``urls``.

        Raises ConfigError for a name that ccxt doesn't have.
        """
        if exchange not in ccxt.exchanges:
            near = get_close_matches(exchange.lower(), ccxt.exchanges, n=3, cutoff=0.6)
            hint = f"did you mean {' or '.join(near)}?" if near else "it has binance and coinbase."
            raise ConfigError(f"TOLLGATE_EXCHANGE: ccxt has no exchange {exchange[:30]!r}; {hint}")
        self.id = exchange
        self._config: dict[str, Any] = {
            "enableRateLimit": True,
            "timeout": round(seconds * 1000),
            "number": str,  # not float: prices stay as exact as they came
            "has": {"fetchCurrencies": False},  # not needed, and often for members only
            # Binance has room for all that is listened to on one connection.
            "options": {"defaultType": "spot", "streamLimits": {"spot": 1}},
            "urls": dict(urls or {}),
        }
        self.api = self._made(ccxt)
        self.name = str(self.api.name)
        self.api.session = Watched(self.name, seconds)
        self.api.on_json_response = partial(exact, self.name)
        self._lock = threading.Lock()

    def streaming(self) -> Any:
        """A ccxt.pro exchange with the listings that were loaded here; close it on its own loop.

        Raises Unanswered where ccxt doesn't know of a stream.
        """
        import ccxt.pro

        if self.id not in ccxt.pro.exchanges:
            raise Unanswered(f"{self.name} has no live stream that ccxt knows.", again=False)
        api = self._made(ccxt.pro)
        api.set_markets_from_exchange(self.api)
        return api

    def ask(self, question: Callable[[Any], T]) -> T:
        """What ``question`` gets out of ccxt."""
        try:
            with self._lock, documented(self.name):
                return question(self.api)
        except ccxt.BaseError as error:
            raise judgement(self.name, error) from None

    def candles(self, symbol: str, frame: str, first: int, last: int) -> list[list[Any]]:
        """Candles that opened from ``first`` until before ``last`` (ms), the earliest first.

        What the exchange doesn't keep is not there, such as Kraken's before its latest 720.
        """
        length = round(self.api.parse_timeframe(frame) * 1000)
        most = int(self._asked("feature_value", symbol, "fetchOHLCV", "limit", PAGE))
        found: dict[int, list[Any]] = {}
        for _ in range(PAGES):
            if first >= last:
                return [found[at] for at in sorted(found)]
            page = self._asked("fetch_ohlcv", symbol, frame, first, most)
            with documented(self.name):
                new = {int(row[0]): row for row in page if int(row[0]) >= first}
            found |= {at: row for at, row in new.items() if at < last}
            # An empty page is a time without trades, or before the first.
            first = max(new) + length if new else first + most * length
        raise self._too_much()

    def trades(self, symbol: str, first: int, last: int) -> list[dict[str, Any]]:
        """Every trade from ``first`` until before ``last`` (ms), the earliest first.

        DataUnavailable where it can't be told that it is every one.
        """
        windows = WINDOWS.get(self.id)
        with documented(self.name):
            if windows is None:
                found = self._latest(symbol, first)
            else:
                found = self._through(windows, symbol, first, last)
            return sorted((row for row in found if first <= row["timestamp"] < last), key=order_of)

    def _through(self, windows: Windows, symbol: str, first: int, last: int) -> list[Any]:
        """Span after span, each so short that its trades don't fill a page."""
        found: list[Any] = []
        width, page, step = windows.longest, windows.page, windows.step
        for _ in range(PAGES):
            if first >= last:
                return found
            end = min(first + width, last)
            since, until = first // step * step, -(-end // step) * step
            rows = self._asked("fetch_trades", symbol, since, page, {"until": until})
            if len(rows) < page:
                found += [row for row in rows if first <= row["timestamp"] < end]
                first = end
                width = min(windows.longest, 2 * width) if len(rows) < page // 4 else width
            elif width > step:
                width = max(min(width, end - first) // 2, step)
            else:
                raise DataUnavailable(
                    f"{self.name} had more trades of {symbol} at one moment than it gives at once."
                )
        raise self._too_much()

    def _latest(self, symbol: str, first: int) -> list[Any]:
        rows: list[Any] = self._asked("fetch_trades", symbol)
        # Of the earliest moment some may have been left out.
        whole = min((row["timestamp"] for row in rows), default=-1) + 1
        if whole > first:
            raise DataUnavailable(
                f"{self.name} gives its latest trades only, those of {symbol} since "
                f"{self.api.iso8601(whole)}: ask from then on, or listen to its stream."
            )
        return rows

    def _asked(self, method: str, *args: Any) -> Any:
        return self.ask(lambda api: getattr(api, method)(*args))

    def _made(self, module: Any) -> Any:
        api = getattr(module, self.id)(self._config)
        kinds = api.options.get("fetchMarkets")
        if isinstance(kinds, dict) and "spot" in kinds.get("types", ()):
            kinds["types"] = ["spot"]  # the others would be further questions, to other hosts
        return api

    def _too_much(self) -> DataUnavailable:
        return DataUnavailable(f"That is too much of {self.name} at once: ask for a shorter span.")


def order_of(trade: Mapping[str, Any]) -> tuple[int, int, str]:
    """By time, then by the exchange's number; ccxt would put trade 10 before trade 9."""
    number = str(trade.get("id") or "")
    return int(trade["timestamp"]), len(number), number


def judgement(name: str, error: Exception) -> DataUnavailable:
    """An error of ccxt's as one of ours."""
    kind = type(error).__name__
    if isinstance(error, ccxt.RateLimitExceeded | ccxt.DDoSProtection):
        return Unanswered(f"{name} takes no more questions for now ({kind}).", limited=True)
    if isinstance(error, ccxt.RestrictedLocation | ccxt.PermissionDenied):
        return blocked(name, kind)
    if isinstance(error, ccxt.AuthenticationError):
        return members_only(name)
    if isinstance(error, ccxt.OperationFailed):
        return Unanswered(f"{name} did not answer ({kind}).")
    if isinstance(error, ccxt.NotSupported):
        return DataUnavailable(f"{name} doesn't have that, or ccxt doesn't know how to ask for it.")
    return Refusal(name, _words(str(error)))


def _words(text: str) -> str:
    """The exchange's own words out of ccxt's, which may have an address and a body in them."""
    if "{" not in text:
        return "" if "://" in text else text
    try:
        body = json.loads(text[text.index("{") :])
    except (ValueError, RecursionError):
        return ""
    named = (body.get(key) for key in ("msg", "message", "error_description", "error"))
    return next((said for said in named if isinstance(said, str)), "")
