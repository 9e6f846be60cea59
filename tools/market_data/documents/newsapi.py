"""NewsAPI (newsapi.org): articles of many outlets, by the words and symbols in them.

Its free plan gives the first hundred articles of a search, none of the last 24 hours and none older
than a month. Of each article there are the first 200 characters.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tools.domain.document import Document, DocumentKind
from tools.domain.errors import InputError
from tools.domain.market import aware_utc
from tools.market_data.documents.cleaning import one_line, plain_text, web_address
from tools.market_data.documents.feed import Wanted, arranged, known, named_in
from tools.market_data.documents.left_out import LeftOut
from tools.market_data.feeds.rest import Refusal, Rest
from tools.ports import Clock

NAME, URL = "NewsAPI", "https://newsapi.org"
# Articles a page, which is the most there is, and pages of one question.
PAGE, PAGES = 100, 20
LONGEST_SEARCH = 500
REMOVED = "[Removed]"
# NewsAPI gives this address to most of them, and then nobody can tell which article it was.
NAMELESS = ("", "removed.com", "www.removed.com")
_MORE = re.compile(r"\s*(?:…|\.\.\.)?\s*\[\+(\d+) chars\]\s*$")


class _Outlet(BaseModel):
    name: str | None = None


class _Article(BaseModel):
    model_config = ConfigDict(frozen=True)

    title: str | None = None
    url: str | None = None
    published: AwareDatetime = Field(alias="publishedAt")
    source: _Outlet | None = None
    author: str | None = None
    description: str | None = None
    content: str | None = None


class NewsApiFeed:
    """A DocumentFeed of news. An article counts as known since it was published.

    It must be asked for symbols or words: InputError without either. NewsAPI knows no symbols, so
    an article concerns those that stand in what it gives of it. ``notice`` tells what the last
    answer lacks, ``withdrawn`` which articles were removed and still have their own address.
    """

    name = "newsapi"

    def __init__(self, key: str, clock: Clock, *, url: str = URL, seconds: float = 8.0) -> None:
        """``seconds`` is the wait for each page."""
        self._clock = clock
        self._rest = Rest(
            NAME,
            url,
            headers={"X-Api-Key": key},
            setting="NEWSAPI_API_KEY",
            seconds=seconds,
            refused=_refused,
        )
        self._left = LeftOut(NAME)

    def documents(self, wanted: Wanted) -> tuple[Document, ...]:
        """The latest articles that hold the words, or name the symbols."""
        left = self._left = LeftOut(NAME)
        search, now = _search(wanted), self._clock.wall()
        found: list[Document] = []
        for page in range(1, PAGES + 1):
            body = self._page(search, wanted, now, page)
            if body is None:
                break
            rows = left.readable(_Article, body.get("articles"))
            found += (one for row in rows if (one := _document(row, wanted, now, left)) is not None)
            total = body.get("totalResults")
            if len(body["articles"]) < PAGE or total == page * PAGE or len(found) >= wanted.limit:
                break
        return arranged(found, wanted)

    def notice(self) -> str:
        """What the last answer lacks, as words without a full stop; else empty."""
        return self._left.words()

    def withdrawn(self) -> tuple[str, ...]:
        """The articles that the last answer had as removed by their publishers."""
        return tuple(key for key in self._left.withdrawn if urlsplit(key).netloc not in NAMELESS)

    def _page(self, search: str, wanted: Wanted, now: datetime, page: int) -> dict[str, Any] | None:
        """A page, the latest first; None behind the last that the plan allows."""
        query = {
            "q": search,
            "from": _written(wanted.since),
            "to": _written(min(wanted.until, now) + timedelta(seconds=1)),
            "sortBy": "publishedAt",
            "pageSize": str(PAGE),
            "page": str(page),
        }
        try:
            body = self._rest.get("/v2/everything", query)
        except Refusal as error:
            if page > 1 and error.words.startswith("maximumResultsReached"):
                self._left.say(
                    f"{NAME}: this plan gives the latest {PAGE * (page - 1)} articles of a search, "
                    "and a free one none of the last 24 hours; ask for a shorter span"
                )
                return None
            raise
        if not isinstance(body, dict) or body.get("status") != "ok":
            raise self._left.undocumented()
        return body


def _search(wanted: Wanted) -> str:
    """The question in NewsAPI's words: all of the words, and one of the symbols."""
    words = [_quoted(word) for word in wanted.words.split()]
    symbols = " OR ".join(_quoted(symbol) for symbol in wanted.symbols)
    search = " AND ".join([*words, *([f"({symbols})"] if symbols else [])])
    if not search:
        raise InputError(f"{NAME} only searches: give it a symbol, or words to look for.")
    if len(search) > LONGEST_SEARCH:
        raise InputError(
            f"{NAME} takes a search of {LONGEST_SEARCH} characters: ask for fewer symbols or words."
        )
    return search


def _quoted(word: str) -> str:
    return '"{}"'.format(word.replace('"', "").replace("\\", ""))


def _document(row: _Article, wanted: Wanted, now: datetime, left: LeftOut) -> Document | None:
    url = web_address(row.url or "")
    title = one_line(row.title or row.description or "")
    text = plain_text(_body(row))
    symbols = named_in(f"{title}\n{text}", wanted.symbols)
    why = ""
    if REMOVED in (title, text):
        left.withdraw(url, "removed by the publisher")
        return None
    if not url or not title:
        why = "without an address or a title"
    elif wanted.symbols and not symbols:
        why = "in whose opening no symbol stands"
    if why:
        left.count(why)
        return None
    outlet = (row.source.name if row.source else None) or ""
    published = aware_utc(min(row.published, now))
    return Document(
        url,
        NewsApiFeed.name,
        DocumentKind.NEWS,
        title,
        text,
        url,
        published,
        known(published, now),
        symbols,
        one_line(", ".join(dict.fromkeys(filter(None, (row.author, outlet))))),
    )


def _body(row: _Article) -> str:
    """Description and opening; that there is more is said in words."""
    opening = row.content or ""
    cut = _MORE.search(opening)
    if cut:
        more = f"[The opening alone; {cut[1]} more characters are at the address.]"
        opening = f"{opening[: cut.start()]}… {more}"
    same = (row.description or "").strip() in opening
    return opening if same else f"{row.description}\n\n{opening}"


def _refused(body: Any) -> str:
    return f"{body.get('code')}: {body.get('message')}" if isinstance(body, dict) else ""


def _written(moment: datetime) -> str:
    """UTC without a zone, as its documents have it, whole seconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}"
