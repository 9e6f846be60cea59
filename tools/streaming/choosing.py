"""Which features are computed live, by the names in the settings: ``rsi_14,log_move_5@1h``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tools.domain.errors import InputError
from tools.domain.timeframe import MINUTE, Timeframe
from tools.features.compute import recipe
from tools.features.gathering import FLOW
from tools.market_data.symbols import listing
from tools.ports import MarketData
from tools.streaming.counts import Counts
from tools.streaming.features import LiveFeatures
from tools.streaming.flow import Flow
from tools.streaming.history import history_of
from tools.streaming.track import Track

MOST = 50
MOST_WARMED = 50
"""Symbols whose history is read: each is a question or two to a feed, which counts them."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """``plain`` are of the bars as they come, ``longer`` of bars that are made of minutes."""

    plain: tuple[str, ...] = ()
    longer: dict[Timeframe, tuple[str, ...]] = field(default_factory=dict)

    @property
    def flow(self) -> bool:
        """Whether any of the plain ones reads quotes or trades."""
        if not self.plain:
            return False
        return any(not FLOW.isdisjoint(part.row.inputs) for part in recipe(self.plain).parts)


def chosen(written: str) -> Chosen:
    """The names with commas between, ``none`` for none.

    Raises InputError for what can't be streamed.
    """
    names = dict.fromkeys(name.strip() for name in written.split(","))
    wanted = [name for name in names if name not in {"", "none"}]
    if len(wanted) > MOST:
        raise InputError(f"{len(wanted)} are named, and at most {MOST} can be.")
    longer: dict[Timeframe, tuple[str, ...]] = {}
    for name in wanted:
        plain, at, frame = name.partition("@")
        if not at:
            continue
        timeframe = Timeframe.parse(frame)
        shorter = timeframe.intraday and timeframe.length <= MINUTE.length
        if shorter or (timeframe.intraday and timeframe.length % MINUTE.length):
            raise InputError(f"{name}: longer bars are made of minutes, so not {frame}.")
        longer[timeframe] = (*longer.get(timeframe, ()), plain)
    found = Chosen(tuple(name for name in wanted if "@" not in name), longer)
    if found.plain:
        LiveFeatures("", "24/7", "", found.plain, flow=found.flow)
    for timeframe, some in longer.items():
        try:
            LiveFeatures("", "24/7", "", some)
        except InputError as error:
            raise InputError(f"@{timeframe}: {error}") from None
    return found


class Tracks:
    """Makes one symbol's way through the chain, on the calendar that its name implies."""

    def __init__(
        self,
        wanted: Chosen,
        market: MarketData | None = None,
        at: Callable[[], datetime] | None = None,
        *,
        present: bool = True,
    ) -> None:
        """With a ``market`` features begin with its history, as it was known ``at`` that moment;
        ``present`` as in ``history_of``.
        """
        self._wanted, self._market, self._at, self._present = wanted, market, at, present
        self._warmed = 0

    def __call__(self, symbol: str, counts: Counts) -> Track:
        """A track, warm where there is history."""
        wanted, calendar = self._wanted, listing(symbol, symbol, "").calendar
        flow = wanted.flow

        def features(timeframe: str) -> LiveFeatures | None:
            names = wanted.plain
            return LiveFeatures(symbol, calendar, timeframe, names, flow=flow) if names else None

        track = Track(
            symbol,
            calendar,
            counts,
            features=features,
            longer={
                frame: LiveFeatures(symbol, calendar, str(frame), names)
                for frame, names in wanted.longer.items()
            },
            flow=Flow() if flow else None,
        )
        if self._market is not None and self._at is not None and self._warmed < MOST_WARMED:
            self._warmed += 1
            past = history_of(self._market, symbol, calendar, self._at(), present=self._present)
            track.warm(past.minutes, past.days)
        return track
