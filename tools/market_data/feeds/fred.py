"""FRED and its archive ALFRED, of the Federal Reserve Bank of St. Louis: series with each vintage.

FRED dates a vintage by day alone. Most figures come out at 08:30 in New York, some at 16:30, and
FRED has them a little later; the day does not say. So a value counts as known from the end of its
vintage's day in St. Louis: up to a day later than it was, and never earlier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from tools.domain.document import Observation
from tools.domain.errors import DataUnavailable, InputError
from tools.domain.market import aware_utc
from tools.market_data.feeds.resilience.failure import Unanswered
from tools.market_data.feeds.rest import Refusal, Rest
from tools.ports import Clock

URL = "https://api.stlouisfed.org"
ST_LOUIS = ZoneInfo("America/Chicago")
KEPT = timedelta(hours=1)
ONE_DAY = timedelta(days=1)
# FRED answers for at most two thousand vintages at once, and with at most so many rows.
VINTAGES, ROWS, PAGES = 1000, 100_000, 50
FOREVER = date(9999, 12, 31)
T = TypeVar("T")
NAME = re.compile(r"[A-Z0-9_]{1,60}")


class _Row(BaseModel):
    """One value and the days, both included, on which it was the one."""

    model_config = ConfigDict(frozen=True)

    period: date = Field(alias="date")
    realtime_start: date
    realtime_end: date
    value: Decimal | None = Field(allow_inf_nan=False)

    @field_validator("value", mode="before")
    @classmethod
    def _missing(cls, value: object) -> object:
        return None if value == "." else value


ROW_LIST = TypeAdapter(list[_Row])
DATE_LIST = TypeAdapter(list[date])


class FredFeed:
    """An EconomicFeed. A series' vintages are kept for an hour of ``clock.wall()``.

    Raises InputError for what is no series' name, DataUnavailable for what FRED doesn't answer.
    """

    name = "fred"

    def __init__(self, key: str, clock: Clock, *, url: str = URL, seconds: float = 15.0) -> None:
        """``key`` is a free one of FRED's; ``seconds`` the wait for one answer."""
        self._clock = clock
        self._rest = Rest(
            "FRED",
            url,
            query={"api_key": key, "file_type": "json"},
            setting="FRED_API_KEY",
            seconds=seconds,
            refused=lambda body: str(body.get("error_message", "")) if type(body) is dict else "",
        )
        self._kept: dict[str, tuple[datetime, tuple[_Row, ...] | None]] = {}

    def observations(self, series: str, as_of: datetime) -> tuple[Observation, ...] | None:
        """The value of each period as it stood at ``as_of`` (aware), oldest period first.

        Empty before the first vintage, None for a series that FRED does not have. A value that was
        withdrawn and not replaced is not there any more.
        """
        as_of = aware_utc(as_of, "as_of")
        series = series.strip().upper()
        if NAME.fullmatch(series) is None:
            raise InputError(f"{series[:30]!r} is no series of FRED: use its id, such as CPIAUCSL.")
        rows = self._vintages(series)
        if rows is None:
            return None
        found: dict[date, _Row | None] = {}
        for row in rows:  # by vintage
            if _known(row.realtime_start) <= as_of:
                ended = row.realtime_end < FOREVER and _known(row.realtime_end + ONE_DAY) <= as_of
                found[row.period] = None if ended else row
        return tuple(
            Observation(series, period, row.value, _known(row.realtime_start), self.name)
            for period, row in sorted(found.items())
            if row is not None
        )

    def _vintages(self, series: str) -> tuple[_Row, ...] | None:
        now = self._clock.wall()
        kept = self._kept.get(series)
        if kept is None or not timedelta(0) <= now - kept[0] < KEPT:
            kept = self._kept[series] = now, self._whole(series)
        return kept[1]

    def _whole(self, series: str) -> tuple[_Row, ...] | None:
        """Every value of every vintage, by its first day; None for an unknown series."""
        try:
            dates = [day for page in self._vintage_dates(series) for day in page]
        except Refusal as error:
            if "does not exist" in error.words:
                return None
            if "api_key" in error.words:
                said = "FRED doesn't accept the key; set FRED_API_KEY."
                raise Unanswered(said, again=False) from None
            raise
        rows: dict[date, list[_Row]] = {}
        for first in range(0, len(dates), VINTAGES):
            end = dates[first + VINTAGES] - ONE_DAY if first + VINTAGES < len(dates) else FOREVER
            window = self._window(series, dates[first], end)
            for row in sorted(window, key=lambda row: row.realtime_start):
                _append(rows.setdefault(row.period, []), row)
        whole = [row for period in rows.values() for row in period]
        return tuple(sorted(whole, key=lambda row: row.realtime_start))

    def _vintage_dates(self, series: str) -> Iterator[list[date]]:
        for page in range(PAGES):
            query = {"series_id": series, "limit": "10000", "offset": str(page * 10_000)}
            answer = self._rest.get("/fred/series/vintagedates", query)
            found = _read(DATE_LIST, answer, "vintage_dates")
            yield found
            if len(found) < 10_000:
                return
        raise DataUnavailable(f"FRED's vintages of {series} don't end.")

    def _window(self, series: str, start: date, end: date) -> Iterator[_Row]:
        """The values that held between two days; a value that began earlier begins on the first."""
        for page in range(PAGES):
            query = {
                "series_id": series,
                "realtime_start": start.isoformat(),
                "realtime_end": end.isoformat(),
                "limit": str(ROWS),
                "offset": str(page * ROWS),
            }
            answer = self._rest.get("/fred/series/observations", query)
            found = _read(ROW_LIST, answer, "observations")
            yield from found
            if len(found) < ROWS:
                return
        raise DataUnavailable(f"FRED's values of {series} don't end.")


def _append(rows: list[_Row], row: _Row) -> None:
    """Add a later row of a period; one that only goes on where a window ended is joined to it."""
    last = rows[-1] if rows else None
    if last is not None and last.value == row.value:
        touches = last.realtime_end < FOREVER and last.realtime_end + ONE_DAY == row.realtime_start
        if touches:
            rows[-1] = last.model_copy(update={"realtime_end": row.realtime_end})
            return
    rows.append(row)


def _known(vintage: date) -> datetime:
    """The end of a vintage's day in St. Louis."""
    return aware_utc(datetime.combine(vintage + ONE_DAY, time(), ST_LOUIS))


def _read(kind: TypeAdapter[list[T]], answer: object, part: str) -> list[T]:
    """A list out of an answer; Unanswered where there is none that can be read."""
    try:
        return kind.validate_python(answer[part] if isinstance(answer, dict) else None)
    except (KeyError, ValidationError):
        raise Unanswered(
            f"FRED's answer can't be read: its {part} are not as documented."
        ) from None
