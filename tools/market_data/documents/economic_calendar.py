"""An economy's calendar: the days on which FRED says that figures are published.

FRED tells the day of a release and no hour, so an event stands at the beginning of its day in
St. Louis, and its text says that the hour isn't known. The days come from those who publish the
figures; they move, and FRED itself has the figures a little later.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from tools.domain.document import Document, DocumentKind
from tools.domain.errors import DataUnavailable
from tools.domain.market import aware_utc
from tools.market_data.documents.cleaning import one_line
from tools.market_data.documents.feed import Wanted, arranged, known
from tools.market_data.documents.left_out import LeftOut
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import Refusal, Rest
from tools.ports import Clock

NAME, URL = "FRED", "https://api.stlouisfed.org"
PAGE_URL = "https://fred.stlouisfed.org/release?rid="
ST_LOUIS = ZoneInfo("America/Chicago")
ONE_DAY = timedelta(days=1)
# Days of releases a page, which is the most there is, and pages of one question.
PAGE, PAGES = 1000, 20


class _Release(BaseModel):
    model_config = ConfigDict(frozen=True)

    release_id: int = Field(ge=0, lt=2**31)
    release_name: str
    day: date = Field(alias="date")


class EconomicCalendarFeed:
    """A DocumentFeed of events. They concern no symbol: asked for one, there are none.

    A release to come is known since it was fetched, one of the past since its day ended in
    St. Louis: FRED doesn't say since when it was announced. ``notice`` tells what the last answer
    lacks.
    """

    name = "economic-calendar"

    def __init__(self, key: str, clock: Clock, *, url: str = URL, seconds: float = 15.0) -> None:
        """``key`` is a free one of FRED's; ``seconds`` the wait for one answer."""
        self._clock = clock
        self._rest = Rest(
            NAME,
            url,
            query={"api_key": key, "file_type": "json"},
            setting="FRED_API_KEY",
            seconds=seconds,
            refused=lambda body: str(body.get("error_message", "")) if type(body) is dict else "",
        )
        self._left = LeftOut(NAME)

    def documents(self, wanted: Wanted) -> tuple[Document, ...]:
        """The releases of the span whose name holds the words."""
        left = self._left = LeftOut(NAME)
        if wanted.symbols:
            return ()
        now = self._clock.wall()
        first, last = _day(wanted.since), _day(wanted.until)
        found: list[Document] = []
        for page in range(PAGES):
            body = self._page(first, last, page)
            rows = left.readable(_Release, body.get("release_dates"))
            made = (_document(row, now) for row in rows if first <= row.day <= last)
            found += (one for one in made if wanted.holds(one.title))
            if len(body["release_dates"]) < PAGE:
                return arranged(found, wanted)
        raise DataUnavailable(f"{NAME} has too many releases in this span: ask for a shorter one.")

    def notice(self) -> str:
        """What the last answer lacks, as words without a full stop; else empty."""
        return self._left.words()

    def _page(self, first: date, last: date, page: int) -> dict[str, Any]:
        query = {
            "realtime_start": first.isoformat(),
            "realtime_end": last.isoformat(),
            "include_release_dates_with_no_data": "true",
            "order_by": "release_date",
            "sort_order": "desc",
            "limit": str(PAGE),
            "offset": str(page * PAGE),
        }
        try:
            body = self._rest.get("/fred/releases/dates", query)
        except Refusal as error:
            if "api_key" not in error.words:
                raise
            said = f"{NAME} doesn't accept the key; set FRED_API_KEY."
            raise Unanswered(said, again=False) from None
        if not isinstance(body, dict):
            raise self._left.undocumented()
        return body


def _day(moment: datetime) -> date:
    return moment.astimezone(ST_LOUIS).date()


def _document(row: _Release, now: datetime) -> Document:
    name = one_line(row.release_name) or f"Release {row.release_id}"
    day = f"{row.day:%A}, {row.day.day} {row.day:%B %Y}"
    return Document(
        f"{row.release_id}/{row.day.isoformat()}",
        EconomicCalendarFeed.name,
        DocumentKind.EVENT,
        f"{name}: {row.day.isoformat()}",
        f"Economic calendar. {name}.\nDay of the release: {day}. The hour is not told.\n"
        "Days are as those who publish the figures announce them, and may change.",
        f"{PAGE_URL}{row.release_id}",
        aware_utc(datetime.combine(row.day, time(), ST_LOUIS)),
        known(datetime.combine(row.day + ONE_DAY, time(), ST_LOUIS), now),
    )
