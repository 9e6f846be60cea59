"""The clock adapters: the only code that asks the machine what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time

from tools.domain.errors import InputError
from tools.domain.market import aware_utc
from tools.ports import Clock


class SystemClock:
    """Both times are the machine's."""

    def now(self) -> datetime:
        """The machine's time, aware UTC."""
        return datetime.now(UTC)

    def wall(self) -> datetime:
        """The machine's time, aware UTC."""
        return datetime.now(UTC)


class FeedClock:
    """A market time that stands where the deciding feed ends, and the machine's wall time.

    With the sample feed it is always the evening of the last sample session; with a live feed it is
    the machine's time.
    """

    def __init__(self, latest: Callable[[], datetime]) -> None:
        """``latest`` gives the last moment the feed knows, aware UTC."""
        self._latest = latest

    def now(self) -> datetime:
        """The market moment, aware UTC."""
        return self._latest()

    def wall(self) -> datetime:
        """The machine's time, aware UTC."""
        return datetime.now(UTC)


class SimulatedClock:
    """Both times are the moment that a backtest has come to; they only go forward."""

    def __init__(self, at: datetime) -> None:
        """Begin at ``at`` (aware)."""
        self._at = aware_utc(at)

    def now(self) -> datetime:
        """The simulated moment, aware UTC."""
        return self._at

    def wall(self) -> datetime:
        """The same: nothing of a backtest depends on when it is run."""
        return self._at

    def turn_to(self, moment: datetime) -> None:
        """Go on to ``moment`` (aware UTC); raises InputError for one that is past."""
        if moment < self._at:
            raise InputError(f"A simulated clock can't go back from {self._at} to {moment}.")
        self._at = max(self._at, moment)  # the very same object while the moment is the same


def moment(text: str | None, clock: Clock) -> datetime:
    """The market moment that ``text`` names: a date means the end of that day in UTC.

    None is the clock's own now. Raises InputError for anything unreadable, without a time
    zone, or later than the clock: nobody can ask as of the future.
    """
    now = clock.now()
    if text is None:
        return now
    text = text.strip()
    try:
        if len(text) == len("2012-06-01"):
            day = date.fromisoformat(text)
            asked = datetime.combine(day, time.max, tzinfo=UTC)
            if day == now.date():
                asked = now
        else:
            asked = aware_utc(datetime.fromisoformat(text), f"the moment {text}")
    except ValueError:
        raise InputError(
            f"as of takes a date such as 2012-06-01 or a moment such as "
            f"2012-06-01T20:00:00Z, was {text[:40]!r}"
        ) from None
    if asked > now:
        raise InputError(
            f"cannot ask as of {text}: the desk's market clock stands at {now:%Y-%m-%d %H:%M} UTC, "
            f"the end of the prices it has; ask as of that day or earlier"
        )
    return asked
