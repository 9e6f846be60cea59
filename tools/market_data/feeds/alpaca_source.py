"""Questions to Alpaca's data and trading API, each asked once: an answer, nothing, or an error."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from alpaca.common.exceptions import APIError
from alpaca.common.rest import RESTClient
from alpaca.data.historical import CryptoHistoricalDataClient, StockHistoricalDataClient
from alpaca.trading.client import TradingClient
from requests import RequestException

from tools.alpaca_session import Keys, bound
from tools.domain.errors import DataUnavailable
from tools.market_data.feeds.resilience.failure import Unanswered, told_wait
from tools.ports import Clock

T = TypeVar("T")

# After a question that got no answer, nothing is asked for so long.
PAUSE = timedelta(seconds=5)
# Ten thousand rows each: more pages than this are no history of days.
PAGES = 20

SAID = {
    400: "Alpaca doesn't understand the question",
    401: "Alpaca doesn't accept the keys; set APCA_API_KEY_ID and APCA_API_SECRET_KEY",
    403: "Alpaca doesn't allow it with these keys (for TOLLGATE_ALPACA_FEED=sip a subscription)",
    422: "Alpaca doesn't understand the question",
    429: "Alpaca takes no more requests for now (its rate limit); try again in a minute",
}


class Api(StrEnum):
    """Which of Alpaca's interfaces: shares, coins, or the account's listings and hours."""

    STOCKS = "stocks"
    CRYPTO = "crypto"
    TRADING = "trading"


class AlpacaSource:
    """Raises DataUnavailable for what isn't answered, or not readably; the keys are never in it.

    alpaca-py's clients are used without their retries and with an end to every wait.
    """

    def __init__(
        self, keys: Keys, clock: Clock, *, data_url: str, trading_url: str, seconds: float
    ) -> None:
        """Both are checked addresses; ``seconds`` is how long one answer is waited for."""
        self._keys, self._clock = keys, clock
        pair = (keys.key_id, keys.secret)
        data: dict[str, Any] = {"raw_data": True, "url_override": data_url}
        self._clients: dict[Api, RESTClient] = {
            Api.STOCKS: StockHistoricalDataClient(*pair, **data),
            Api.CRYPTO: CryptoHistoricalDataClient(*pair, **data),
            Api.TRADING: TradingClient(*pair, raw_data=True, url_override=trading_url),
        }
        for api, client in self._clients.items():
            bound(client, trading_url if api is Api.TRADING else data_url, seconds)
        self._kept: dict[object, tuple[datetime, object]] = {}
        self._failed: tuple[datetime, str] | None = None

    def kept(self, key: object, age: timedelta, ask: Callable[[], T]) -> T:
        """What ``ask`` gave when it was last called under ``key``, if that isn't older."""
        now = self._clock.wall()
        found = self._kept.get(key)
        if found is None or not timedelta(0) <= now - found[0] < age:
            found = self._kept[key] = now, ask()
        return found[1]  # type: ignore[return-value] # one kind of answer under a key

    def ask(self, api: Api, path: str, query: Mapping[str, str] | None = None) -> Any:
        """What there is at ``path``, None where Alpaca itself says that there is nothing."""
        now = self._clock.wall()
        if self._failed is not None and timedelta(0) <= now - self._failed[0] < PAUSE:
            raise Unanswered(self._failed[1], again=False)
        try:
            answer = self._clients[api].get(path, dict(query or {}))
        except APIError as error:
            if error.status_code == 404 and _own(str(error)):
                return None
            raise self._refused(now, path, error) from None
        except (RequestException, ValueError, RecursionError, OSError) as error:
            # The error itself holds the request with its keys: only its name is passed on.
            raise self._unanswered(
                now, f"Alpaca did not answer {path} readably ({type(error).__name__}); try again"
            ) from None
        if not isinstance(answer, dict if api is not Api.TRADING else dict | list):
            raise self._unanswered(now, f"Alpaca did not answer {path} readably; try again")
        return answer

    def pages(self, api: Api, path: str, query: Mapping[str, str], symbol: str) -> list[Any]:
        """Every bar of ``symbol``, over all pages."""
        rows: list[Any] = []
        token: str | None = None
        for _ in range(PAGES):
            more = {"page_token": token} if token else {}
            answer = self.ask(api, path, {**query, **more})
            bars = None if answer is None else answer.get("bars") or {}
            token = None if answer is None else answer.get("next_page_token")
            found = bars.get(symbol, []) if isinstance(bars, dict) else []
            if not isinstance(found, list) or not isinstance(token, str | None):
                raise DataUnavailable(f"Alpaca's bars of {symbol} can't be read.")
            rows += found
            if not token:
                return rows
        raise DataUnavailable(f"Alpaca's bars of {symbol} don't end.")

    def _refused(self, now: datetime, path: str, error: APIError) -> DataUnavailable:
        status, text = error.status_code, str(error)
        said = SAID.get(status or 0, f"Alpaca answered {path} with {status}; try again")
        message = _message(text)
        whole = f"{said}: {message}" if message else said
        if status in (400, 422):  # that is about this question only
            return DataUnavailable(f"{self._keys.hidden(whole)}.")
        wait = told_wait(getattr(error.response, "headers", {}))
        return self._unanswered(now, whole, wait, limited=status == 429)

    def _unanswered(
        self, now: datetime, said: str, wait: float | None = None, *, limited: bool = False
    ) -> Unanswered:
        said = f"{self._keys.hidden(said)}."
        self._failed = now, said
        return Unanswered(said, retry_after_s=wait, limited=limited, again=False)


def _message(text: str) -> str:
    """Alpaca's own words, "" where there are none."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    said = body.get("message") if isinstance(body, dict) else None
    return " ".join(said.split())[:200].rstrip(".") if isinstance(said, str) else ""


def _own(text: str) -> bool:
    return bool(_message(text))
