"""How EDGAR writes companies and filings: columns of JSON, and the header of a submission."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, TypeAdapter

from tools.domain.errors import InputError
from tools.market_data.documents.cleaning import one_line
from tools.market_data.symbols import canonical

NEW_YORK = ZoneInfo("America/New_York")
REPORTS = ("10-K", "10-KT", "10-K405", "10-Q", "10-QT", "20-F", "40-F")
# What is written for people to read; the many forms of holdings and trades of insiders are tables.
READ = frozenset(REPORTS) | frozenset(
    "8-K|6-K|11-K|ARS|DEF 14A|DEFA14A|PRE 14A|S-1|S-4|F-1|F-4|10-12B|424B1|424B3|424B4|SC 13D|"
    "SCHEDULE 13D|SC TO-T|SC 14D9|NT 10-K|NT 10-Q|25-NSE".split("|")
)
_MAIN = re.compile(r"[\w-][\w.-]*\.(?:html?|txt)", re.IGNORECASE)
_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")
_ACCEPTED = re.compile(rb"<ACCEPTANCE-DATETIME>\s*(\d{14})")


@dataclass(frozen=True, slots=True)
class Company:
    """``cik`` is EDGAR's number of it."""

    cik: int
    name: str


@dataclass(frozen=True, slots=True)
class Filing:
    """A row of a company's list; ``form`` ends in /A where it amends an earlier one.

    ``earliest`` and ``latest`` (aware UTC) are what its moment of acceptance can mean: EDGAR ends
    it with Z, and of some companies it is UTC, of others the time in New York. ``filed`` is the
    day that counts as the day of filing.
    """

    accession: str
    form: str
    earliest: datetime
    latest: datetime
    filed: date
    main: str
    about: str
    period: date | None

    @property
    def shown(self) -> datetime:
        """From when EDGAR shows it at the earliest, aware UTC.

        What comes after half past five in the evening mostly counts as filed on the next working
        day, and is shown from six in the morning of that day, New York's time.
        """
        return datetime.combine(self.filed, time(6), NEW_YORK).astimezone(UTC)

    @property
    def folder(self) -> str:
        """Its folder below the company's."""
        return self.accession.replace("-", "")

    @property
    def fiscal_year(self) -> int:
        """The year in which an annual or quarterly report's period ended; else 0."""
        report = self.form.removesuffix("/A") in REPORTS
        return self.period.year if report and self.period is not None else 0


class _Ticker(BaseModel):
    model_config = ConfigDict(frozen=True)

    cik_str: int
    ticker: str
    title: str


class _Columns(BaseModel):
    """The columns of a list of filings, as long as each other; EDGAR has more of them."""

    model_config = ConfigDict(frozen=True)

    accessionNumber: list[str]  # noqa: N815 - as EDGAR spells it
    form: list[str]
    acceptanceDateTime: list[datetime]  # noqa: N815
    filingDate: list[date]  # noqa: N815
    reportDate: list[str]  # noqa: N815
    primaryDocument: list[str]  # noqa: N815
    primaryDocDescription: list[str]  # noqa: N815


class _Older(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    filingTo: date  # noqa: N815


_TICKERS = TypeAdapter(dict[str, _Ticker])
_OLDER = TypeAdapter(list[_Older])


def companies_in(answer: Any) -> dict[str, Company]:
    """Each company by its symbol, spelled with a hyphen: BRK-B. ValueError for another shape."""
    found: dict[str, Company] = {}
    for row in _TICKERS.validate_python(answer).values():
        try:
            symbol = canonical(row.ticker).replace(".", "-").replace("/", "-")
        except InputError:
            continue
        found.setdefault(symbol, Company(row.cik_str, one_line(row.title, 100)))
    return found


def filings_in(columns: Any) -> list[Filing]:
    """The filings of a list that are read, in its order; ValueError for another shape."""
    c = _Columns.model_validate(columns)
    found = []
    for accession, form, accepted, filed, period, main, about in zip(
        c.accessionNumber,
        c.form,
        c.acceptanceDateTime,
        c.filingDate,
        c.reportDate,
        c.primaryDocument,
        c.primaryDocDescription,
        strict=True,
    ):
        if form.removesuffix("/A") not in READ or not _MAIN.fullmatch(main):
            continue
        if not _ACCESSION.fullmatch(accession):
            raise ValueError(accession)
        as_utc = accepted.replace(tzinfo=UTC) if accepted.tzinfo is None else accepted
        wall = as_utc.astimezone(UTC).replace(tzinfo=NEW_YORK)
        day = date.fromisoformat(period) if period else None
        latest = max(wall.astimezone(UTC), as_utc)
        earliest = as_utc.astimezone(UTC)
        found.append(Filing(accession, form, earliest, latest, filed, main, about, day))
    return found


def older_pages(filings: Any, since: date) -> list[str]:
    """The names of the lists of earlier filings that reach to ``since``."""
    names = []
    for page in _OLDER.validate_python(filings.get("files", [])):
        if page.filingTo + timedelta(days=1) >= since:
            if not re.fullmatch(r"CIK\d{10}-submissions-\d+\.json", page.name):
                raise ValueError(page.name)
            names.append(page.name)
    return names


def accepted_in(head: bytes) -> datetime | None:
    """The moment of acceptance in a submission's header, which is New York's time; aware UTC."""
    told = _ACCEPTED.search(head)
    if told is None:
        return None
    try:
        wall = datetime.strptime(told[1].decode("ascii"), "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError:
        return None
    return wall.replace(tzinfo=NEW_YORK).astimezone(UTC)
