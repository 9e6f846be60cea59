"""Questions to Alpaca's data and trading API, each asked once: an answer, nothing, or an error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from alpaca.common.exceptions import APIError
from alpaca.common.rest import RESTClient
from alpaca.data.historical import (
    CryptoHistoricalDataClient,
    OptionHistoricalDataClient,
    StockHistoricalDataClient,
)
from alpaca.data.historical.corporate_actions import CorporateActionsClient
from alpaca.trading.client import TradingClient
from requests import RequestException

from tools.alpaca_session import Keys, bound
from tools.domain.errors import DataUnavailable
from tools.market_data.feeds.lately import Lately
from tools.market_data.feeds.resilience.failure import Unanswered, told_wait
from tools.ports import Clock

# After a question that got no answer, nothing is asked for so long.
PAUSE = timedelta(seconds=5)
# Ten thousand rows each: more pages than this are no history of days, and no day of quotes.
PAGES, MANY_PAGES = 20, 300
# A rate limit is over after so many seconds at most: Alpaca counts the requests of a minute.
LONGEST_LIMIT_S = 60.0

SAID = {
    400: "Alpaca doesn't understand the question",
    401: "Alpaca doesn't accept the keys; set APCA_API_KEY_ID and APCA_API_SECRET_KEY",
    403: "Alpaca doesn't allow it with these keys (for TOLLGATE_ALPACA_FEED=sip a subscription)",
    422: "Alpaca doesn't understand the question",
    429: "Alpaca takes no more requests for now (its rate limit); try again in a minute",
}


class Api(StrEnum):
    """Which of Alpaca's interfaces; TRADING has the account's listings and hours."""

    STOCKS = "stocks"
    CRYPTO = "crypto"
    OPTIONS = "options"
    COMPANIES = "companies"
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
            Api.OPTIONS: OptionHistoricalDataClient(*pair, **data),
            Api.COMPANIES: CorporateActionsClient(*pair, **data),
            Api.TRADING: TradingClient(*pair, raw_data=True, url_override=trading_url),
        }
        for api, client in self._clients.items():
            bound(client, trading_url if api is Api.TRADING else data_url, seconds)
        self.lately = Lately(clock)
        self._failed: tuple[datetime, str] | None = None

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

    def rows(
        self, api: Api, path: str, query: Mapping[str, str], what: str, most: int = PAGES
    ) -> list[Any]:
        """Every row of ``what`` (bars, trades or quotes) of the one symbol in ``query``."""
        rows: list[Any] = []
        for page in self.pages(api, path, query, what, most):
            found = page.get(query["symbols"]) or []
            if not isinstance(found, list):
                raise DataUnavailable(f"Alpaca's {what} of {query['symbols']} can't be read.")
            rows += found
        return rows

    def pages(
        self, api: Api, path: str, query: Mapping[str, str], what: str, most: int = PAGES
    ) -> Iterator[dict[str, Any]]:
        """What is under ``what`` on each page, by symbol; DataUnavailable for pages without end."""
        tokens: set[str | None] = set()
        token: str | None = None
        while token not in tokens and len(tokens) < most:
            tokens.add(token)
            more = {"page_token": token} if token else {}
            answer = self.ask(api, path, {**query, **more}) or {}
            token = answer.get("next_page_token") or None
            page = answer.get(what) or {}
            if not isinstance(page, dict) or not isinstance(token, str | None):
                raise DataUnavailable(f"Alpaca's {what} can't be read.")
            yield page
            if token is None:
                return
        why = "come round again" if token in tokens else "don't end: ask for a shorter span"
        raise DataUnavailable(f"Alpaca's pages of {what} {why}.")

    def _refused(self, now: datetime, path: str, error: APIError) -> DataUnavailable:
        status, text = error.status_code, str(error)
        said = SAID.get(status or 0, f"Alpaca answered {path} with {status}; try again")
        message = _message(text)
        whole = f"{said}: {message}" if message else said
        if status in (400, 422):  # that is about this question only
            return DataUnavailable(f"{self._keys.hidden(whole)}.")
        wait = self._told_wait(now, getattr(error.response, "headers", {}))
        return self._unanswered(now, whole, wait, limited=status == 429)

    def _told_wait(self, now: datetime, headers: Mapping[str, str]) -> float | None:
        """Seconds to leave Alpaca alone, by either of the headers that say so."""
        reset = str(headers.get("X-RateLimit-Reset") or "")
        if told_wait(headers) is not None or not (reset.isascii() and reset.isdigit()):
            return told_wait(headers)
        return min(max(float(reset[:12]) - now.timestamp(), 0.0), LONGEST_LIMIT_S)

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
