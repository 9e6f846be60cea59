"""Entries of RSS and Atom feeds, at addresses that a person named; their links are not followed."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tools.domain.document import Document, DocumentKind
from tools.domain.errors import ConfigError
from tools.market_data.documents.cleaning import one_line, plain_text, web_address
from tools.market_data.documents.feed import Wanted, arranged, known, named_in
from tools.market_data.documents.page import Missing, Page, Pages
from tools.market_data.documents.rss_dates import written_moment
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import documented
from tools.ports import Clock

if TYPE_CHECKING:
    from datetime import datetime

AGENT = "Tollgate (a reader of news feeds)"
ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"
LONGEST_FEED = 8 * 2**20
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)


class RssFeed:
    """A DocumentFeed of one address, RSS 0.9 to 2.0 or Atom.

    ``known_at`` is the later of an entry's published and updated, and the moment of fetching for
    an entry without a date. The feed is asked whether it changed since the last time; what it sends
    again is what it was.
    """

    def __init__(self, address: str, clock: Clock, *, seconds: float = 15.0) -> None:
        """``seconds`` is the wait for an answer. Raises ModuleNotFoundError without feedparser."""
        import feedparser

        self._parse = feedparser.parse
        self._address, self._clock = address, clock
        host = re.sub(r"[^a-z0-9.-]", "-", (urlsplit(address).hostname or "").lower())
        self._host, self._digest = host, hashlib.sha256(address.encode()).hexdigest()
        self._pages = Pages(
            f"The feed of {host}",
            headers={"User-Agent": AGENT, "Accept": ACCEPT},
            seconds=seconds,
            most=LONGEST_FEED,
            follows=True,
        )
        self._last = Page("", b"", "", "", "")
        self._entries: dict[str, Document] = {}

    @property
    def name(self) -> str:
        """The host, with a mark of the address: a host may have several feeds."""
        return f"rss-{self._host}-{self._digest[:8]}"

    def documents(self, wanted: Wanted) -> tuple[Document, ...]:
        """Its entries; where symbols are asked for, those that name one in title or text."""
        self._look()
        found = []
        for entry in self._entries.values():
            whole = f"{entry.title}\n{entry.text}"
            symbols = named_in(whole, wanted.symbols)
            if wanted.holds(whole) and (symbols or not wanted.symbols):
                found.append(replace(entry, symbols=symbols))
        return arranged(found, wanted)

    def _look(self) -> None:
        """Fetch what is new; the entries of before stay where nothing is."""
        try:
            page = self._pages.get(self._address, self._last.etag, self._last.modified)
        except Missing:
            raise Unanswered(
                f"The feed of {self._host} is not there any more: take its address out of "
                "TOLLGATE_RSS.",
                again=False,
            ) from None
        if page is None:
            return
        parsed = self._parsed(page)
        now = self._clock.wall()
        read = (self._read(entry, page.url, now) for entry in parsed.entries)
        self._entries = {one.key: one for one in reversed([*read]) if one is not None}
        self._last = page

    def _parsed(self, page: Page) -> Any:
        """What feedparser makes of it; Unanswered where that is no feed."""
        from feedparser.encodings import convert_to_utf8

        told = {"content-location": page.url, "content-type": page.content_type}
        the_feed = f"The feed of {self._host}"
        with documented(the_feed):
            # In whatever charset they come: the parser under feedparser would expand them.
            if _ENTITY.search(convert_to_utf8(told, page.body, {}) if page.body else b""):
                raise Unanswered(
                    f"{the_feed} declares entities of its own, which are not read.", again=False
                )
            # Given as bytes in a stream: a text could be taken for an address or a file's name.
            parsed = self._parse(
                io.BytesIO(page.body),
                response_headers=told,
                sanitize_html=False,  # cleaning.py does that, of every source
                resolve_relative_uris=False,
            )
        if not parsed.entries and (parsed.bozo or not parsed.get("version")):
            raise Unanswered(
                f"{the_feed} sent something else than a feed: a page for people, or half an answer."
            )
        return parsed

    def _read(self, entry: Any, url: str, now: datetime) -> Document | None:
        """An entry as a document; None for one that says nothing."""
        link = web_address(str(entry.get("link", "")), url)
        bodies = [str(part.get("value", "")) for part in entry.get("content", ())]
        text = plain_text(max([*bodies, str(entry.get("summary", ""))], key=len))
        title = one_line(str(entry.get("title", ""))) or one_line(text)
        if not title:
            return None
        published = written_moment(entry, "published", now)
        updated = written_moment(entry, "updated", now)
        told = [moment for moment in (published, updated) if moment is not None]
        at = known(max((moment.known for moment in told), default=None), now)
        name = str(entry.get("id", "")) or link or f"{title}\n{entry.get('published', '')}"
        key = hashlib.sha256(f"{self._digest}\n{name}".encode("utf-8", "replace")).hexdigest()[:24]
        made = Document(
            key=key,
            source=f"rss:{self._host}",
            kind=DocumentKind.NEWS,
            title=title,
            text=text,
            url=link,
            event_time=min(told[0].event, at) if told else at,
            known_at=at,
            author=one_line(str(entry.get("author", ""))),
        )
        return self._dated(made, bool(told), now)

    def _dated(self, made: Document, told: bool, now: datetime) -> Document:
        """The entry beside what it was the last time: again the same, or silently corrected."""
        before = self._entries.get(made.key)
        if before is None:
            return made
        if (before.title, before.text) == (made.title, made.text):
            return made if told else before
        if made.known_at <= before.known_at:
            made = replace(made, known_at=now)
        return made if told else replace(made, event_time=before.event_time)


def addresses(written: str) -> tuple[str, ...]:
    """The addresses in a setting, each once; ConfigError for one that is none."""
    found = [one for one in re.split(r"[,\s]+", written) if one]
    for place, one in enumerate(found, 1):
        try:
            parts = urlsplit(one)
            fits = parts.scheme in ("http", "https") and bool(parts.hostname)
            _ = parts.port
        except ValueError:
            fits = False
        if not fits:
            # Not shown: an address of one's own may have a key in it.
            raise ConfigError(
                f"TOLLGATE_RSS: address {place} of {len(found)} is none of the web; each begins "
                "with http:// or https://, and commas stand between them."
            )
    return tuple(dict.fromkeys(found))
