"""Every service of one desk, built once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from tools.assembly.ledger import ledger_path, open_ledger
from tools.assembly.prices import build_market
from tools.assembly.state import open_state
from tools.assembly.venue import arm, build_broker
from tools.clock import FeedClock
from tools.desk import Desk
from tools.desk.door import STARTING_CASH
from tools.domain.order import Order
from tools.ports import Broker, Clock, Ledger, MarketData
from tools.risk.limits import Limits, load_limits
from tools.settings import BrokerChoice, Settings

if TYPE_CHECKING:
    from tools.streaming.played import Played


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


def assemble(
    settings: Settings,
    *,
    broker: Broker | None = None,
    live: bool = False,
    now: Callable[[], datetime] | None = None,
    played: Played | None = None,
) -> House:
    """Build every service once; tests pass a broker of their own.

    ``live`` is the word of the person who starts it that real money may be traded; ``now`` gives
    the market's moment where a replay tells it (aware UTC), else the feeds do, and ``played`` the
    quotes and events of one that is no daily bars. Raises ConfigError for wrong limits or settings
    and StateError for a state folder that can't be trusted.
    """
    home = open_state(settings)
    limits = load_limits(settings.limits)
    if live:
        arm(settings, limits)
    market: MarketData = build_market(settings)
    past = market
    if played is not None:
        from tools.streaming.played_market import PlayedMarket

        market = PlayedMarket(past, played)
    clock = FeedClock(now or market.latest)
    ledger = open_ledger(settings, clock)
    found: list[Desk] = []

    def recall(key: str) -> Order | None:
        record = found[0].journal.read().orders.get(key) if found else None
        return None if record is None else record.order

    broker = broker or build_broker(settings, market, clock, recall, past, played)
    desk = Desk(
        ledger=ledger,
        broker=broker,
        market=market,
        clock=clock,
        limits=limits,
        folder=home,
        account=settings.account_name,
        starting_cash=STARTING_CASH if settings.broker is BrokerChoice.PAPER else Decimal(0),
        live=live,
    )
    found.append(desk)
    return House(settings, clock, market, ledger, broker, limits, desk)
