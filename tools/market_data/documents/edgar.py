"""SEC EDGAR: what companies in the USA filed, each with the moment at which it was accepted."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tools.domain.document import Document, DocumentKind
from tools.domain.errors import ConfigError, DataUnavailable, InputError
from tools.market_data.documents.cleaning import one_line, plain_text
from tools.market_data.documents.edgar_filings import (
    Company,
    Filing,
    accepted_in,
    companies_in,
    filings_in,
    older_pages,
)
from tools.market_data.documents.feed import Wanted, arranged, known
from tools.market_data.documents.page import Missing, Page, Pages, TooLarge
from tools.market_data.feeds.rest import documented, read_json
from tools.ports import Clock

DATA, SITE = "https://data.sec.gov", "https://www.sec.gov"
LARGEST = 32 * 2**20
LONGEST = 2_000_000
# Half of what the SEC allows, for another process of this machine may be asking too.
PER_SECOND = 5
TICKERS_KEPT = timedelta(days=1)
FILINGS_KEPT = 64
LISTED_ONLY = "[EDGAR lists the filing and doesn't have its document.]"


class EdgarFeed:
    """A DocumentFeed of filings that people read: reports, current reports, proxies, prospectuses.

    ``event_time`` is the moment of acceptance and ``known_at`` when EDGAR showed it, which for what
    came in the evening is the next morning. The main document is read, not its exhibits. Raises
    InputError for a question without symbols, DataUnavailable for a symbol that is not listed.
    """

    name = "edgar"

    def __init__(
        self,
        contact: str,
        clock: Clock,
        *,
        data: str = DATA,
        site: str = SITE,
        seconds: float = 20.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """``contact`` is a name and an e-mail address; ``seconds`` the wait for one answer.

        Raises ConfigError for a contact without an address.
        """
        # A header holds no other signs; the SEC wants the address.
        contact = " ".join(contact.encode("ascii", "ignore").decode().split())
        if "@" not in contact or not contact.isprintable():
            raise ConfigError(
                "TOLLGATE_SEC_CONTACT needs your name and e-mail address, such as "
                "'A. Reader reader@example.com': EDGAR refuses whoever gives none."
            )
        self._clock, self._data, self._site, self._pause = clock, data, site, pause
        self._pages = Pages(
            "EDGAR",
            headers={"User-Agent": f"Tollgate {contact}"},
            seconds=seconds,
            most=LARGEST,
            forbidden="refuses us (403): it wants a contact that it can write to, so check "
            "TOLLGATE_SEC_CONTACT",
        )
        self._next, self._lock = 0.0, threading.Lock()
        self._tickers: tuple[datetime, dict[str, Company]] | None = None
        self._kept: OrderedDict[str, Document] = OrderedDict()

    def documents(self, wanted: Wanted) -> tuple[Document, ...]:
        """The filings of the companies behind the symbols, the latest of them where there are many.

        ``words`` must stand in the text or the form; every filing of the span is read for them.
        """
        if not wanted.symbols:
            raise InputError("EDGAR is asked by company: name a symbol, such as IBM.")
        companies: dict[Company, list[str]] = {}
        for symbol in wanted.symbols:
            companies.setdefault(self._company(symbol), []).append(symbol)
        found: list[Document] = []
        for company, symbols in companies.items():
            found += self._of(company, tuple(symbols), wanted)
        return arranged(found, wanted)

    def _of(self, company: Company, symbols: tuple[str, ...], wanted: Wanted) -> list[Document]:
        found: list[Document] = []
        for filing in self._filings(company, wanted):
            document = self._document(company, filing, symbols)
            if wanted.since <= document.event_time < wanted.until and wanted.holds(
                f"{document.title}\n{document.text}"
            ):
                found.append(document)
            if len(found) == wanted.limit:
                break
        return found

    def _company(self, symbol: str) -> Company:
        now = self._clock.wall()
        if self._tickers is None or not timedelta(0) <= now - self._tickers[0] < TICKERS_KEPT:
            answer = self._json(f"{self._site}/files/company_tickers.json")
            with documented("EDGAR"):
                self._tickers = now, companies_in(answer)
        found = self._tickers[1].get(symbol.replace(".", "-").replace("/", "-"))
        if found is None:
            raise DataUnavailable(
                f"EDGAR lists no company under {symbol}: it has those that file in the USA, by "
                "the symbol of today."
            )
        return found

    def _filings(self, company: Company, wanted: Wanted) -> Iterator[Filing]:
        """Those that may be of the span, the latest first."""
        base = f"{self._data}/submissions/"
        answer = self._json(f"{base}CIK{company.cik:010d}.json")
        with documented("EDGAR"):
            found = filings_in(answer["filings"]["recent"])
            older = older_pages(answer["filings"], wanted.since.date())
        for name in older:
            page = self._json(base + name)
            with documented("EDGAR"):
                found += filings_in(page)
        found.sort(key=lambda filing: filing.earliest, reverse=True)
        for filing in found:
            if filing.latest >= wanted.since and filing.earliest < wanted.until:
                yield filing

    def _document(self, company: Company, filing: Filing, symbols: tuple[str, ...]) -> Document:
        """A filing with its text; those read last are kept, for a filing never changes."""
        if filing.accession in self._kept:
            self._kept.move_to_end(filing.accession)
            return replace(self._kept[filing.accession], symbols=symbols)
        folder = f"{self._site}/Archives/edgar/data/{company.cik}/{filing.folder}"
        now = self._clock.wall()
        accepted = self._accepted(f"{folder}/{filing.accession}.hdr.sgml", filing)
        about = one_line(filing.about)
        named = f"{company.name}: {filing.form}"
        named += f" for the period to {filing.period}" if filing.period else ""
        text = self._text(f"{folder}/{filing.main}")
        made = Document(
            key=filing.accession,
            source="edgar",
            kind=DocumentKind.FILING,
            title=f"{named}, {about}" if about not in ("", filing.form) else named,
            text=LISTED_ONLY if text is None else text,
            url=f"{folder}/{filing.main}",
            event_time=known(accepted, now),
            known_at=known(max(accepted, filing.shown), now),
            symbols=symbols,
            company=company.name,
            form=filing.form,
            fiscal_year=filing.fiscal_year,
        )
        if text is not None:
            self._kept[filing.accession] = made
        if len(self._kept) > FILINGS_KEPT:
            self._kept.popitem(last=False)
        return made

    def _accepted(self, address: str, filing: Filing) -> datetime:
        """By the filing's own header; without one, the later that the list's moment can mean."""
        try:
            head = self._page(address).body
        except Missing:
            return filing.latest
        return accepted_in(head) or filing.latest

    def _text(self, address: str) -> str | None:
        """The text of a filing's main document; None where it is not there, or not yet."""
        try:
            body = self._page(address).body
        except TooLarge:
            return f"[The filing is larger than {LARGEST // 2**20} MB and was not read.]"
        except Missing:
            return None
        return plain_text(decoded(body), LONGEST)

    def _json(self, address: str) -> Any:
        return read_json("EDGAR", self._page(address).body)

    def _page(self, address: str) -> Page:
        """One question, no sooner after the one before than the SEC likes."""
        with self._lock:
            now = time.monotonic()
            wait, self._next = self._next - now, max(now, self._next) + 1 / PER_SECOND
        if wait > 0:
            self._pause(wait)
        page = self._pages.get(address)
        assert page is not None  # noqa: S101 - nothing was said of an earlier one
        return page


def decoded(body: bytes) -> str:
    """A filing's text: UTF-8, or what was written before it."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")
