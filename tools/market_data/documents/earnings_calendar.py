"""A calendar of earnings: the days on which companies report, by Finnhub, and what they reported.

Finnhub tells the day, and mostly whether a company reports before the market opens or after it
closes. That is no hour: an event stands at the beginning of its day in New York, and its text says
the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from tools.domain.document import Document, DocumentKind
from tools.domain.errors import InputError
from tools.domain.market import aware_utc
from tools.market_data.documents.cleaning import one_line
from tools.market_data.documents.feed import Wanted, arranged, known
from tools.market_data.documents.left_out import LeftOut
from tools.market_data.feeds.rest import Rest
from tools.market_data.symbols import canonical, pair
from tools.ports import Clock

NAME, URL = "Finnhub", "https://finnhub.io"
NEW_YORK = ZoneInfo("America/New_York")
ONE_DAY = timedelta(days=1)
# An answer of so many rows was cut: the span is asked for again in halves.
CUT = 1500
# Questions to answer one of ours: the free plan takes sixty a minute.
QUESTIONS = 50
HOURS = {
    "bmo": "before the market opens",
    "amc": "after the market closes",
    "dmh": "while the market is open",
}
# No more digits than any amount has: a huge exponent would fill the text.
Amount = Annotated[Decimal, Field(allow_inf_nan=False, max_digits=40)] | None


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True)

    symbol: str
    day: date = Field(alias="date")
    hour: str | None = None
    quarter: Annotated[int, Field(ge=0, le=4)] | None = None
    year: Annotated[int, Field(ge=0, le=9999)] | None = None
    eps_estimate: Amount = Field(default=None, alias="epsEstimate")
    eps_actual: Amount = Field(default=None, alias="epsActual")
    revenue_estimate: Amount = Field(default=None, alias="revenueEstimate")
    revenue_actual: Amount = Field(default=None, alias="revenueActual")

    @property
    def reported(self) -> bool:
        return self.eps_actual is not None or self.revenue_actual is not None


class EarningsCalendarFeed:
    """A DocumentFeed of events, one for each company and quarter; a new day keeps the key.

    A report to come is known since it was fetched, one of the past since its day ended in New York,
    and its figures a day later: Finnhub doesn't say since when it has them. They are a correction
    of the event. ``notice`` tells what the last answer lacks.
    """

    name = "earnings-calendar"

    def __init__(self, key: str, clock: Clock, *, url: str = URL, seconds: float = 8.0) -> None:
        """``seconds`` is the wait for one answer."""
        self._clock = clock
        self._rest = Rest(
            NAME,
            url,
            headers={"X-Finnhub-Token": key},
            setting="FINNHUB_API_KEY",
            seconds=seconds,
            refused=lambda body: str(body.get("error", "")) if isinstance(body, dict) else "",
        )
        self._left = LeftOut(NAME)
        self._asked = 0

    def documents(self, wanted: Wanted) -> tuple[Document, ...]:
        """The reports of the span, of the symbols or of every company that Finnhub has."""
        self._left, self._asked = LeftOut(NAME), 0
        now = self._clock.wall()
        first = wanted.since.astimezone(NEW_YORK).date()
        last = wanted.until.astimezone(NEW_YORK).date()
        spelled = {one.replace("-", "."): one for one in wanted.symbols if not pair(one)}
        found: list[Document] = []
        for symbol in spelled if wanted.symbols else ("",):
            for row in self._reports(symbol, first, last):
                told = self._canonical(row.symbol)
                if first <= row.day <= last and told and symbol in ("", told):
                    found.append(_document(row, told, spelled.get(told, told), now))
        return arranged((one for one in found if wanted.holds(f"{one.title}\n{one.text}")), wanted)

    def notice(self) -> str:
        """What the last answer lacks, as words without a full stop; else empty."""
        return self._left.words()

    def _reports(self, symbol: str, first: date, last: date) -> Iterator[_Report]:
        """The reports between two days, both included, the earliest first."""
        self._asked += 1
        if self._asked > QUESTIONS:
            raise InputError(f"{NAME} would be asked too often: ask for fewer symbols or days.")
        query = {"from": first.isoformat(), "to": last.isoformat()}
        query |= {"symbol": symbol} if symbol else {}
        body = self._rest.get("/api/v1/calendar/earnings", query)
        rows = body.get("earningsCalendar") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise self._left.undocumented()
        if len(rows) < CUT:
            yield from sorted(self._left.readable(_Report, rows), key=lambda row: row.day)
        elif first < last:
            middle = first + (last - first) // 2
            yield from self._reports(symbol, first, middle)
            yield from self._reports(symbol, middle + ONE_DAY, last)
        else:
            self._left.say(f"{NAME} gives {CUT} reports of {first} and no more")
            yield from self._left.readable(_Report, rows)

    def _canonical(self, told: str) -> str:
        """In our spelling; empty, and told, for what is no symbol."""
        try:
            return canonical(told)
        except InputError:
            self._left.count("of what is no symbol")
            return ""


def _document(row: _Report, told: str, symbol: str, now: datetime) -> Document:
    quarter = f"Q{row.quarter} {row.year}" if row.quarter and row.year else ""
    period = quarter or row.day.isoformat()
    day = f"{row.day:%A}, {row.day.day} {row.day:%B %Y}"
    lines = [
        f"Earnings calendar. {symbol} reports the results of {quarter or 'a quarter'} (fiscal).",
        f"Day in New York: {day}, {_hour(row.hour or '')}.",
        _figures("Earnings per share", row.eps_estimate, row.eps_actual),
        _figures("Revenue", row.revenue_estimate, row.revenue_actual),
    ]
    settled = datetime.combine(row.day + ONE_DAY * (2 if row.reported else 1), time(), NEW_YORK)
    return Document(
        f"{told}/{period.replace(' ', '-')}",
        EarningsCalendarFeed.name,
        DocumentKind.EVENT,
        f"{symbol} earnings {period}",
        "\n".join(lines),
        "",
        aware_utc(datetime.combine(row.day, time(), NEW_YORK)),
        known(settled, now),
        (symbol,),
    )


def _hour(told: str) -> str:
    if told in HOURS:
        return HOURS[told]
    said = one_line(told)
    return f"hour: {said}" if said else "the hour is not told"


def _figures(what: str, estimate: Decimal | None, actual: Decimal | None) -> str:
    """As Finnhub writes them: in the currency that the company reports in, which isn't told."""
    expected = "no estimate" if estimate is None else f"estimated {estimate:,f}"
    return (
        f"{what}: {expected}, {'not reported yet' if actual is None else f'reported {actual:,f}'}."
    )
