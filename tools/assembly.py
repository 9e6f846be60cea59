"""The one place where concrete things are named: every service, built once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tools.clock import FeedClock, SystemClock
from tools.desk import Desk
from tools.domain.errors import StateError
from tools.execution.brokers.paper import PaperVenue
from tools.execution.ledger import SqliteLedger
from tools.market_data.market import Market
from tools.ports import Broker, Clock, Ledger, MarketData
from tools.risk.limits import Limits, load_limits
from tools.settings import Settings


@dataclass(frozen=True, slots=True)
class House:
    """The services of one desk, all over the same state folder."""

    settings: Settings
    clock: Clock
    market: MarketData
    ledger: Ledger
    broker: Broker
    limits: Limits
    desk: Desk

    @property
    def knowledge_folder(self) -> Path:
        """Where the knowledge index lives."""
        return self.settings.state / "knowledge"

    @property
    def ledger_path(self) -> Path:
        """The ledger's file, for the verifier."""
        return ledger_path(self.settings)


def ledger_path(settings: Settings) -> Path:
    """The ledger's file under the state folder."""
    return settings.state / "ledger.db"


def open_state(settings: Settings) -> Path:
    """Make the state folder if there is none; raises StateError when it can't be written."""
    home = settings.state
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError(f"{home} is read-only")
    except OSError as error:
        raise StateError(
            f"the state folder {home} can't be used ({error.strerror or error}). Make it writable, "
            f"or point TOLLGATE_HOME at a folder of your own."
        ) from None
    return home


def build_market(settings: Settings) -> Market:
    """The feeds in the order that the settings ask for."""
    from tools.market_data.market import build_market as build

    return build(settings.feed, settings.data, settings.state, SystemClock())


def assemble(settings: Settings, *, broker: Broker | None = None) -> House:
    """Build every service once; tests pass a broker of their own.

    Raises ConfigError for wrong limits and StateError for a state folder that can't be trusted.
    """
    home = open_state(settings)
    market = build_market(settings)
    clock = FeedClock(market.latest)
    ledger = SqliteLedger(ledger_path(settings), clock)
    limits = load_limits(settings.limits)
    broker = broker or PaperVenue(home / "venue.db", market, clock)
    desk = Desk(
        ledger=ledger,
        broker=broker,
        market=market,
        clock=clock,
        limits=limits,
        lock_path=home / "sender.lock",
    )
    return House(settings, clock, market, ledger, broker, limits, desk)
