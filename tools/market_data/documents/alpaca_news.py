"""Alpaca's news, which are Benzinga's, through alpaca-py: articles with the symbols they are on."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from alpaca.common.exceptions import APIError
from alpaca.data.historical.news import NewsClient
from alpaca.data.requests import NewsRequest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from requests import RequestException
from requests.exceptions import Timeout

from tools.alpaca_session import DATA_URL, Keys, bound, checked_url
from tools.domain.document import Document, DocumentKind
from tools.domain.errors import InputError
from tools.domain.market import aware_utc
from tools.market_data.documents.cleaning import one_line, plain_text, web_address
from tools.market_data.documents.feed import Wanted, arranged, known
from tools.market_data.documents.left_out import LeftOut
from tools.market_data.feeds.resilience.failure import Unanswered, told_wait
from tools.market_data.feeds.rest import judged, read_json
from tools.market_data.symbols import canonical, pair
from tools.ports import Clock

NAME, KEYS = "Alpaca", "APCA_API_KEY_ID and APCA_API_SECRET_KEY"
# Articles a page, which is the most there is, and pages of one question.
PAGE, PAGES = 50, 40
# Alpaca goes by when an article was last changed: corrections are looked for so long afterwards.
CORRECTED = timedelta(days=1)
# A rate limit is over after so many seconds at most: Alpaca counts the requests of a minute.
LONGEST_LIMIT_S = 60
_COIN = re.compile(r"([A-Z]{3,6})(USD|USDT|USDC|BTC)")


class _Article(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: int = Field(ge=0, lt=2**63)
    headline: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    symbols: tuple[str, ...] = ()
    source: str | None = None
    author: str | None = None
    summary: str | None = None
    content: str | None = None
    url: str | None = None


class AlpacaNewsFeed:
    """A DocumentFeed of news. An article that was changed is a correction, known since its change.

    alpaca-py's client is used without its retries and with an end to every wait. In a question
    about the past, an article that was changed more than a day after the span is not found.
    ``notice`` tells what the last answer lacks.
    """

    name = "alpaca-news"

    def __init__(
        self, keys: Keys, clock: Clock, *, url: str = DATA_URL, seconds: float = 8.0
    ) -> None:
        """``seconds`` is the wait for each page. Raises ConfigError for an address of others."""
        self._keys, self._clock, self._seconds = keys, clock, seconds
        url = checked_url(url, live=True)
        self._client = NewsClient(keys.key_id, keys.secret, raw_data=True, url_override=url)
        bound(self._client, url, seconds)
        self._left = LeftOut(NAME)

    def documents(self, wanted: Wanted) -> tuple[Document, ...]:
        """The latest articles on the symbols, or on anything, that hold the words."""
        left = self._left = LeftOut(NAME)
        now = self._clock.wall()
        if wanted.since >= now:
            return ()
        found: list[Document] = []
        token, seen = None, set[str]()
        for _ in range(PAGES):
            body = self._page(wanted, now, token)
            rows = left.readable(_Article, body.get("news"))
            found += (one for row in rows if (one := _document(row, wanted, now, left)) is not None)
            token = body.get("next_page_token")
            if not token or _enough(found, rows, wanted):
                break
            if not isinstance(token, str) or token in seen:
                raise Unanswered(f"{NAME}'s news can't be read: their pages don't end.")
            seen.add(token)
        else:
            left.say(
                f"{NAME} has more than {PAGE * PAGES:,} articles in this span: only the latest of "
                "them were looked through; ask for a shorter one"
            )
        return arranged(found, wanted)

    def notice(self) -> str:
        """What the last answer lacks, as words without a full stop; else empty."""
        return self._left.words()

    def _page(self, wanted: Wanted, now: datetime, token: str | None) -> dict[str, Any]:
        """The articles last changed in the span or soon after it, the latest first."""
        request = NewsRequest(
            start=wanted.since,
            end=min(wanted.until, now - CORRECTED) + CORRECTED,
            sort="desc",
            symbols=",".join(map(_spelled, wanted.symbols)) or None,
            limit=PAGE,
            include_content=True,
            page_token=token,
        )
        body: Any = None
        refused: APIError | None = None
        try:
            body = self._client.get("/news", request.to_request_fields())
        except APIError as error:
            refused = error
        except Timeout:
            said = f"{NAME} did not answer within {self._seconds:g} seconds."
            raise Unanswered(said) from None
        except (ValueError, RecursionError):  # requests' own error for no JSON is a ValueError too
            raise Unanswered(f"{NAME}'s answer broke off or can't be read.") from None
        except (RequestException, OSError) as error:
            # The error itself holds the request with its keys: only its name is passed on.
            said = f"{NAME} could not be reached ({type(error).__name__})."
            raise Unanswered(said) from None
        if refused is not None:
            self._refuse(refused)
        if not isinstance(body, dict):
            raise self._left.undocumented()
        return body

    def _refuse(self, error: APIError) -> None:
        """Raise what an answer with an error's status means; nothing for 404."""
        headers = dict(getattr(error.response, "headers", {}))
        reset = str(headers.get("X-RateLimit-Reset", ""))
        if told_wait(headers) is None and reset.isascii() and reset.isdigit():
            wait = int(reset[:12]) - int(self._clock.wall().timestamp())
            headers["Retry-After"] = str(min(max(wait, 0), LONGEST_LIMIT_S))
        raw = str(error).encode("utf-8", "replace")
        status = error.status_code or 500
        if status == 403 and raw.lstrip()[:1] == b"{":
            said = f"{NAME} doesn't allow it with these keys ({_message(read_json(NAME, raw))})"
            raise Unanswered(f"{self._keys.hidden(said)}; set {KEYS}.", again=False)
        judged(NAME, KEYS, status, headers, raw, lambda body: self._keys.hidden(_message(body)))


def _document(row: _Article, wanted: Wanted, now: datetime, left: LeftOut) -> Document | None:
    title = one_line(row.headline or row.summary or "")
    text = plain_text(row.content or row.summary or "")
    if not title:
        left.count("without a headline")
        return None
    if not wanted.holds(f"{title}\n{text}"):
        return None
    created = aware_utc(min(row.created_at, now))
    return Document(
        str(row.id),
        AlpacaNewsFeed.name,
        DocumentKind.NEWS,
        title,
        text,
        web_address(row.url or ""),
        created,
        known(max(row.updated_at, created), now),
        _symbols(row.symbols, wanted),
        one_line(", ".join(dict.fromkeys(filter(None, (row.author, row.source))))),
    )


def _enough(found: list[Document], rows: list[_Article], wanted: Wanted) -> bool:
    """Whether no later page can hold a later article: none there was changed, so written, later."""
    if not rows:
        return False
    oldest = aware_utc(min(row.updated_at for row in rows))
    latest = {one.key for one in arranged(found, wanted) if one.event_time > oldest}
    return len(latest) >= wanted.limit


def _spelled(symbol: str) -> str:
    """Alpaca's spelling: BRK.B, and BTCUSD for the pair."""
    return symbol.replace("/", "") if pair(symbol) else symbol.replace("-", ".")


def _symbols(told: tuple[str, ...], wanted: Wanted) -> tuple[str, ...]:
    """In our spelling, and as they were asked for where they were."""
    asked = {_spelled(symbol): symbol for symbol in wanted.symbols}
    found: dict[str, None] = {}
    for one in told:
        coin = _COIN.fullmatch(one)
        try:
            ours = asked.get(one) or canonical(f"{coin[1]}/{coin[2]}" if coin else one)
        except InputError:
            continue
        found[ours] = None
    return tuple(found)


def _message(body: Any) -> str:
    said = body.get("message") if isinstance(body, dict) else None
    return one_line(said).rstrip(".") if isinstance(said, str) else ""
