"""Desks over one state folder, with a market and clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.doubles import END, FakeClock, FakeMarket, week
from tools.desk import Desk
from tools.execution.brokers.paper import PaperVenue
from tools.execution.ledger import SqliteLedger
from tools.ports import Broker, Ledger
from tools.risk.limits import Limits, load_limits


@dataclass
class House:
    """Each ``desk()`` is a new desk over the same files, as another process would open."""

    folder: Path
    market: FakeMarket = field(default_factory=week)
    clock: FakeClock = field(default_factory=lambda: FakeClock(END))
    limits: Limits = field(default_factory=load_limits)
    account: str = "paper"

    def ledger(self) -> SqliteLedger:
        return SqliteLedger(self.folder / "ledger.db", self.clock)

    def venue(self) -> PaperVenue:
        name = "venue.db" if self.account == "paper" else f"venue-{self.account}.db"
        return PaperVenue(self.folder / name, self.market, self.clock)

    def desk(self, broker: Broker | None = None, ledger: Ledger | None = None) -> Desk:
        return Desk(
            ledger=ledger or self.ledger(),
            broker=broker or self.venue(),
            market=self.market,
            clock=self.clock,
            limits=self.limits,
            folder=self.folder,
            account=self.account,
        )
