"""Moving prices in the desk: a bus, a chain where there is a stream or a replay, and the hub."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tools.assembly import live_stream, open_messages
from tools.clock import SystemClock
from tools.domain.errors import ConfigError, InputError, StateError, TradingError
from tools.settings import BrokerChoice, Settings

if TYPE_CHECKING:
    from tools.ports import Clock, MarketData
    from tools.streaming.chain import Chain
    from tools.streaming.counts import Counts
    from tools.streaming.hub import Hub
    from tools.streaming.played import Played
    from tools.streaming.replay import Replay
    from tools.streaming.track import Track

logger = logging.getLogger(__name__)

MOST_FOLLOWED = 500
A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Playing:
    """A replay that a desk is served over; with ``moves_clock`` the desk trades at its time.

    ``played`` is there where its orders meet the rows themselves, and not daily bars.
    """

    replay: Replay
    moves_clock: bool
    played: Played | None = None

    @property
    def now(self) -> Callable[[], datetime] | None:
        """The desk's market moment, where the replay tells it."""
        return (lambda: self.replay.moment) if self.moves_clock else None


def tracking(
    settings: Settings,
    market: MarketData | None = None,
    at: Callable[[], datetime] | None = None,
    *,
    present: bool = True,
) -> Callable[[str, Counts], Track]:
    """Makes each symbol's way through the chain; the others as in ``Tracks``.

    With the features that the settings name; ConfigError for those that can't be streamed.
    """
    from tools.streaming.choosing import Tracks, chosen

    try:
        wanted = chosen(settings.live_features)
    except InputError as error:
        raise ConfigError(f"TOLLGATE_LIVE_FEATURES: {error}") from None
    return Tracks(wanted, market, at, present=present)


@dataclass(frozen=True, slots=True)
class Live:
    """What the desk's sockets use: who watches what, and the chain where there is one."""

    hub: Hub
    chain: Chain | None = None
    playing: Playing | None = None

    async def follow(self, symbols: list[str]) -> dict[str, str]:
        """Ask a live stream for more symbols; a replay has what it has.

        By symbol, why nothing will come of it, where that is known at once.
        """
        chain = self.chain
        if chain is None or self.playing is not None:
            return {}
        new = [name for name in symbols if name not in chain.symbols]
        room = max(MOST_FOLLOWED - len(chain.symbols), 0)
        full = f"This desk follows {MOST_FOLLOWED} symbols already."
        refused = dict.fromkeys(new[room:], full)
        try:
            await chain.follow(new[:room])
        except TradingError as error:
            logger.warning("the stream of %s could not be opened: %s", symbols, error)
            refused |= dict.fromkeys(new[:room], str(error))
        return refused | {name: why for name, why in chain.problems().items() if name in symbols}


@asynccontextmanager
async def streaming(
    settings: Settings,
    clock: Clock,
    playing: Playing | None = None,
    record: Path | None = None,
    market: MarketData | None = None,
) -> AsyncIterator[Live]:
    """Open the bus, the hub and the chain, and close them in the right order.

    What the chain hears is written to the folder ``record``; with a ``market`` the features begin
    with its history. Raises ConfigError, DataUnavailable and StateError with a sentence.
    """
    from tools.streaming.chain import Chain
    from tools.streaming.hub import Hub
    from tools.streaming.recorder import Recorder

    recorder = None if record is None else Recorder(record)
    tee = None if recorder is None else recorder.hear
    bus = open_messages(settings, clock)
    hub, chain = Hub(bus), None
    if playing is not None:
        replay = playing.replay
        chain = Chain(
            bus,
            replay,
            label=replay.name,
            track=await asyncio.to_thread(
                # What the first row tells isn't history yet.
                lambda: tracking(settings, market, lambda: replay.moment - A_MOMENT, present=False)
            ),
            patient=True,
            tee=tee,
            state=lambda: replay.state,
        )
    elif (feed := await asyncio.to_thread(live_stream, settings)) is not None:
        track = await asyncio.to_thread(tracking, settings, market, clock.wall)
        chain = Chain(bus, feed, label=feed.name, track=track, tee=tee)
    await bus.start()
    try:
        if chain is not None:
            await chain.start(playing.replay.recording.symbols if playing else ())
        yield Live(hub, chain, playing)
    finally:
        if chain is not None:
            await chain.stop()
        await bus.stop()
        if recorder is not None:
            await asyncio.to_thread(recorder.close)


def replay_settings(settings: Settings) -> Settings:
    """The same desk in a new state folder under ``replays``, with an account of its own.

    A replay never touches the ledger of the desk itself. The knowledge index is the desk's. Raises
    ConfigError for a venue that isn't the built-in one: nobody else can play the past.
    """
    if settings.broker is not BrokerChoice.PAPER:
        raise ConfigError(
            f"A replay works with the built-in paper venue only, and TOLLGATE_BROKER is "
            f"{settings.broker}: set it to paper for the replay."
        )
    if settings.database_url is not None:
        raise ConfigError("A replay keeps a ledger of its own: unset DATABASE_URL for it.")
    home = settings.state / "replays" / f"{SystemClock().wall():%Y%m%d-%H%M%S}-{os.getpid()}"
    try:
        home.mkdir(parents=True, mode=0o700)
        knowledge = settings.state / "knowledge"
        knowledge.mkdir(mode=0o700, exist_ok=True)
        (home / "knowledge").symlink_to(knowledge.resolve(), target_is_directory=True)
    except OSError as error:
        raise StateError(
            f"The folder of the replay, {home}, can't be made ({error.strerror or error}). Make "
            "the state folder writable."
        ) from None
    # What a replay says on a bus is not for the desk's own processes.
    name = f"{settings.bus_name[:33]}-replay" if settings.bus_name else None
    return settings.model_copy(update={"home": home, "bus_name": name})
