"""Questions to OANDA's v20 interface: the account's listings, candles and prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote as quoted

from tools.domain.errors import DataUnavailable
from tools.market_data.feeds.oanda_words import (
    CANDLES,
    LISTINGS,
    PRICES,
    Candle,
    Listed,
    Price,
    read,
)
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import Rest

# Candles at most of one answer, and answers at most of one question.
PAGE, PAGES = 5000, 400
NO_ACCOUNT = "OANDA doesn't know the account; set OANDA_ACCOUNT_ID."
SETTING = "OANDA_API_KEY, and TOLLGATE_OANDA_HOST=live where it is a live account's"


class OandaSource:
    """Unanswered for what gets no answer or none that can be read; the key is never in it."""

    def __init__(self, key: str, account: str, url: str, seconds: float) -> None:
        """``url`` is where it listens, without /v3; ``seconds`` the wait for each answer."""
        self._account = quoted(account, safe="")
        self._rest = Rest(
            "OANDA",
            url,
            headers=headers(key),
            setting=SETTING,
            seconds=seconds,
            refused=words,
        )

    def listings(self) -> dict[str, Listed]:
        """What the account may trade, by OANDA's names."""
        found = read(LISTINGS, self._of_account("instruments"), "instruments")
        return {one.name: one for one in found}

    def price(self, name: str) -> Price:
        """The latest price; DataUnavailable when there is none."""
        answer = self._of_account("pricing", {"instruments": name})
        for one in read(PRICES, answer, "prices"):
            if one.instrument == name:
                return one
        raise DataUnavailable(f"OANDA has no price of {name} now.")

    def candles(
        self, name: str, granularity: str, first: datetime, last: datetime, length: timedelta
    ) -> list[Candle]:
        """Mid candles from the one that covers ``first`` (aware, and past) until ``last`` at least.

        ``length`` is the shortest that a candle may be. Days turn at five in New York. OANDA may
        send fewer than it was asked for though there are more, so it is asked until nothing new
        comes. DataUnavailable for more than two million.
        """
        found: list[Candle] = []
        path = f"/v3/instruments/{quoted(name, safe='')}/candles"
        query = {
            "price": "M",
            "granularity": granularity,
            "dailyAlignment": "17",
            "alignmentTimezone": "America/New_York",
        }
        for _ in range(PAGES):
            begin = found[-1].time if found else first
            wanted = max((last - begin) // length + 2, 1)
            more = {
                "from": f"{begin.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
                "count": str(min(wanted, PAGE)),
                "includeFirst": "false" if found else "true",
            }
            answer = self._rest.get(path, query | more)
            page = [] if answer is None else read(CANDLES, answer, "candles")
            once = {one.time: one for one in page if not found or one.time > begin}
            new = [once[at] for at in sorted(once)]
            found += new
            # The candle behind the newest is no longer asked for when it ends after ``last``.
            if not new or not new[-1].complete or new[-1].time + 2 * length > last:
                return found
        raise DataUnavailable("That is too much of OANDA at once: ask for a shorter span.")

    def _of_account(self, what: str, query: dict[str, str] | None = None) -> Any:
        answer = self._rest.get(f"/v3/accounts/{self._account}/{what}", query)
        if answer is None:
            raise Unanswered(NO_ACCOUNT, again=False)
        return answer


def headers(key: str) -> dict[str, str]:
    """What each question carries."""
    return {"Authorization": f"Bearer {key}", "Accept-Datetime-Format": "RFC3339"}


def words(body: Any) -> str:
    """OANDA's own words in a refusal."""
    said = body.get("errorMessage") if isinstance(body, dict) else None
    return said if isinstance(said, str) else ""
