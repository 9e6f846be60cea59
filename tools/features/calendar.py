"""Where in the week, month and session a bar was known, and how far the next holiday is.

All of it is printed years ahead, so none of it is look-ahead. Weekends are no holidays. Where the
days of an exchange aren't known, NaN.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tools.features.days import Days, days_of, numbered
from tools.features.registry import feature
from tools.features.windows import at
from tools.indicators.arrays import Floats
from tools.market_data.columns import Times

FARTHEST = 60
"""Days; no exchange on earth goes much longer without a holiday on a weekday for certain."""


def _circle(place: Floats) -> tuple[Floats, Floats]:
    return np.sin(2 * np.pi * place), np.cos(2 * np.pi * place)


@feature(
    "weekday", "Day of the week", family="calendar", inputs=("session",),
    outputs=("weekday", "week_sine", "week_cosine"), unit="0 Monday to 6; -1 to 1", warm_up=at(0),
    source="the session's date; a circle of seven days",
)  # fmt: skip
def weekday(session: Floats) -> tuple[Floats, ...]:
    """The day, and its place on the circle."""
    day = ((numbered(session) + 3) % 7).astype(np.float64)
    return (day, *_circle(day / 7))


@feature(
    "month", "Month", family="calendar", inputs=("session",),
    outputs=("month", "year_sine", "year_cosine"), unit="1 to 12; -1 to 1", warm_up=at(0),
    source="the session's date; a circle of the year's days",
)  # fmt: skip
def month(session: Floats) -> tuple[Floats, ...]:
    """The month, and the day's place on the circle of the year."""
    day = numbered(session)
    since = day - day.astype("datetime64[D]").astype("datetime64[Y]").astype(
        "datetime64[D]"
    ).astype(np.int64)
    return (session // 100 % 100, *_circle(since / 365.25))


@feature(
    "month_place", "Sessions since and until the month's turn", family="calendar",
    inputs=("session", "calendar"), outputs=("sessions_into_month", "sessions_to_month_end"),
    unit="sessions", warm_up=at(0), source="J. Lakonishok and S. Smidt (1988): turn of the month",
)  # fmt: skip
def month_place(session: Floats, calendar: str) -> tuple[Floats, ...]:
    """How many of the month's sessions come before this one, and after it."""
    day, known = numbered(session), days_of(calendar, session)
    months = day.astype("datetime64[D]").astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    after = (months + 1).astype("datetime64[D]").astype(np.int64)
    return known.sessions(first, day), known.sessions(day + 1, after)


@feature(
    "holiday", "Days since and until a holiday", family="calendar", inputs=("session", "calendar"),
    outputs=("days_since_holiday", "days_to_holiday"), unit="days, 60 at most", warm_up=at(0),
    source="R. Ariel (1990): returns before holidays",
)  # fmt: skip
def holiday(session: Floats, calendar: str) -> tuple[Floats, ...]:
    """To the nearest weekday on which the exchange is closed; NaN for one that never closes."""
    day, known = numbered(session), days_of(calendar, session)
    closed = known.holidays
    if not len(closed):
        never = np.full(len(day), np.nan)
        return never, never
    before = np.searchsorted(closed, day, side="left") - 1
    after = np.searchsorted(closed, day, side="right")
    since = day - closed[np.maximum(before, 0)]
    until = closed[np.minimum(after, len(closed) - 1)] - day
    return (
        _near(since, before >= 0, known, day - FARTHEST),
        _near(until, after < len(closed), known, day + FARTHEST),
    )


def _near(
    distance: Times, found: npt.NDArray[np.bool_], known: Days, farthest: Times
) -> Floats:  # fmt: skip
    """The distance, 60 at most; NaN where a holiday that isn't known could be nearer."""
    near = np.where(found, np.minimum(distance, FARTHEST), FARTHEST).astype(np.float64)
    return np.where((near < FARTHEST) | known.told(farthest), near, np.nan)


@feature(
    "session_place", "Place in the session", family="calendar",
    inputs=("session", "known", "calendar"), outputs=("session_place", "session_hours"),
    unit="0 opening, 1 close; hours", warm_up=at(0),
    source="time since the opening over the session's length, when the bar was known",
)  # fmt: skip
def session_place(session: Floats, known: Times, calendar: str) -> tuple[Floats, ...]:
    """1 for daily bars, above 1 after the close; and how long the session is, short days known."""
    opens, closes = days_of(calendar, session).hours(numbered(session))
    length = closes - opens
    return (known / 1e9 - opens) / length, length / 3600
