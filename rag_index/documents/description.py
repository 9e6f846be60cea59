"""Finds out what a document is: whose, for which year, of what kind, and since when it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import PurePath
from zoneinfo import ZoneInfo

from rag_index.documents.canonical import Canonical
from rag_index.documents.limits import SourceFile

_COVER = 15_000  # characters in which a filing says what it is
_FORM = re.compile(
    r"\bform\s+((?:10-?[KQ]|8-?K|20-?F|40-?F|6-?K|11-?K|S-[1348]|F-[134])(?:/A)?)(?!\w)"
    r"|\b(annual report|quarterly report|proxy statement|prospectus|earnings call|press release)\b",
    re.IGNORECASE,
)
_MONTH = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
).split("|")
_DAY = rf"({'|'.join(_MONTH)})\s+(\d{{1,2}})\s*,\s*(\d{{4}})"
_YEAR_ENDED = re.compile(
    rf"(?:fiscal|transition)?\s*(?:year|period|quarter)(?:ly period)?\s+ended:?\s+{_DAY}",
    re.IGNORECASE,
)
_YEAR_NAMED = re.compile(
    r"\b(?:fiscal(?: year)?|FY|annual report(?: for)?)\s*'?((?:19|20)\d\d)\b"
    r"|\b((?:19|20)\d\d)\s+(?:annual report|form 10-?K)\b",
    re.IGNORECASE,
)
_CHARTER = re.compile(r"\n([^\n]{2,100})\n+\s*\(\s*exact\s+name\s+of\s+(?:the\s+)?registrant", re.I)
_EXCHANGE = re.compile(r"\b(?:NASDAQ|NYSE|Nasdaq)(?:\s+\w+)?\s*:\s*([A-Z]{1,5}(?:\.[A-Z])?)\b")
_SIGNED = re.compile(rf"\b(?:date|dated|date filed)\s*:?\s*{_DAY}", re.IGNORECASE)
_FILE_NAME = re.compile(r"^([a-z]{1,5})-(\d{8})(?:[_x.]|$)", re.IGNORECASE)
_TICKER = re.compile(r"[A-Z][A-Z0-9]{0,5}(?:[.-][A-Z]{1,2})?")
EASTERN = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says about a document; it goes before what is read. `known_at` is aware."""

    company: str = ""
    ticker: str = ""
    fiscal_year: int = 0
    document_kind: str = ""
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a document; `known_at` aware UTC, and `known_from` says how we know."""

    title: str
    company: str
    ticker: str
    fiscal_year: int
    document_kind: str
    known_at: datetime
    known_from: str


def describe(found: Canonical, source: SourceFile, given: Given, now: datetime) -> Description:
    """Join what a person gave, what the document says and, last, what its file says.

    `known_at` is never later than `now` (aware): nothing is known before it is there.
    """
    cover, facts = "\n" + found.text[:_COVER], found.facts
    named = _FILE_NAME.match(source.name)
    kind = given.document_kind or _form(facts.get("form", "")) or facts.get("kind", "")
    kind = kind or _kind_on(cover)
    charter = _CHARTER.search(cover)
    company = given.company or facts.get("company", "") or (charter.group(1) if charter else "")
    ticker = given.ticker or _ticker(facts.get("ticker", ""), cover)
    if not ticker and named:
        ticker = named.group(1).upper()
    year = given.fiscal_year or _fiscal_year(facts, cover, f"{found.title}\n{source.name}")
    known_at, known_from = _known(found, source, given, kind, year)
    company = " ".join(company.split())[:100]
    made = " ".join(str(part) for part in (company, kind, year or "") if part)
    plain = PurePath(source.name).stem.replace("_", " ").replace("-", " ")
    title = made if company and kind else found.title or plain
    return Description(
        title, company, ticker.upper(), year, kind, min(known_at, now).astimezone(UTC), known_from
    )


def _form(text: str) -> str:
    """A form as EDGAR spells it: "10K405" stays, "10k" becomes "10-K"."""
    return re.sub(r"^(10|8|6|20|40|11)-?([KQF])(?=$|/)", r"\1-\2", text.strip().upper())


def _kind_on(cover: str) -> str:
    found = _FORM.search(cover)
    if found is None:
        return ""
    return _form(found.group(1)) if found.group(1) else found.group(2).lower()


def _ticker(stated: str, cover: str) -> str:
    if _TICKER.fullmatch(stated.upper()):
        return stated
    found = _EXCHANGE.search(cover)
    return found.group(1) if found else ""


def _fiscal_year(facts: dict[str, str], cover: str, names: str) -> int:
    focus = facts.get("fiscal_year", "")
    if re.fullmatch(r"(19|20)\d\d", focus):
        return int(focus)
    stated = re.search(r"(?:19|20)\d\d", facts.get("period_end", ""))
    if stated:
        return int(stated.group())
    ended = _YEAR_ENDED.search(cover)
    if ended:
        return int(ended.group(3))
    told = _YEAR_NAMED.search(names) or _YEAR_NAMED.search(cover[:3_000])
    return int(told.group(1) or told.group(2)) if told else 0


def _known(
    found: Canonical, source: SourceFile, given: Given, kind: str, year: int
) -> tuple[datetime, str]:
    if given.known_at is not None:
        return given.known_at, "given"
    accepted = _instant(found.facts.get("accepted", ""))
    if accepted is not None:
        return accepted, "the moment it was filed or sent"
    filed = found.facts.get("filed", "")
    day = _compact(filed) if filed else _signed(found.text, kind, year)
    if day is not None:
        # Known to everybody when that day is over: earlier would let a backtest see too much.
        end = datetime.combine(day, time.max, EASTERN)
        return end, "the date of filing" if filed else "the date of the signature in it"
    changed = datetime.fromtimestamp(source.mtime, UTC)
    return changed, "the date of the file, for the document names none: give --known-at"


def _instant(text: str) -> datetime | None:
    """Read EDGAR's 14 digits, which are New York's time, or an ISO time with its own zone."""
    spelled = f"{text[:8]}T{text[8:]}" if re.fullmatch(r"\d{14}", text) else text
    try:
        at = datetime.fromisoformat(spelled)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=EASTERN)


def _signed(text: str, kind: str, year: int) -> date | None:
    """The latest date beside a signature of a form; elsewhere a date may be of anything."""
    if not re.match(r"\d+-|[SF]-", kind):
        return None
    days = (_spelled(found) for found in _SIGNED.finditer(text[-60_000:]))
    return max((day for day in days if day is not None and day.year >= year), default=None)


def _compact(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _spelled(found: re.Match[str]) -> date | None:
    month = _MONTH.index(found.group(1).lower()) + 1
    try:
        return date(int(found.group(3)), month, int(found.group(2)))
    except ValueError:
        return None
