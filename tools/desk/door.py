"""The desk: what both faces stand on. Backtest, paper and live differ in its broker and clock."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tools.desk.approvals import Approvals
from tools.desk.journal import Journal
from tools.desk.judge import Judge
from tools.desk.proposals import WAIT_S, Proposals
from tools.desk.recovery import Recovery
from tools.desk.sending import Sending
from tools.execution.record import OrderRecord
from tools.portfolio.accounting import Account
from tools.ports import Broker, Clock, Ledger, MarketData
from tools.risk.limits import Limits

STARTING_CASH = Decimal(100_000)


class Desk:
    """The single door for orders of one account.

    ``proposals`` is for agents and tools, ``approvals`` for people. ``lock_path`` is a file that
    every process of the same ledger shares: whoever holds its lock is the sender. Making a desk
    asks and sends nothing: what a killed process left behind is settled by ``recover``, which only
    those call who mean to send.
    """

    def __init__(
        self,
        ledger: Ledger,
        broker: Broker,
        market: MarketData,
        clock: Clock,
        limits: Limits,
        lock_path: Path,
        account: str = "paper",
        currency: str = "USD",
        starting_cash: Decimal = STARTING_CASH,
    ) -> None:
        """Open the door; nothing is asked and nothing sent."""
        self.broker = broker
        self.market = market
        self.clock = clock
        self.limits = limits
        self.account = account
        self.journal = Journal(ledger)
        start = Account(currency, starting_cash)
        self.judge = Judge(market, clock, limits, account, start, simulated=broker.simulated)
        self.sending = Sending(self.journal, self.judge, broker, clock, lock_path)
        self._recovery = Recovery(self.journal, self.sending, broker, account)
        self.proposals = Proposals(self)
        self.approvals = Approvals(self)

    def recover(self) -> tuple[OrderRecord, ...]:
        """Settle orders left between the journal and the venue; the records it touched.

        Approved orders that were not sent, and those that provably never arrived, are gated again
        and sent; the others end as the venue says.
        """
        return self._recovery.recover()

    def refresh(self) -> tuple[OrderRecord, ...]:
        """Ask the venue about the orders it has or may have; the records it had a word on.

        Nothing is ever sent here, but a cancel that somebody asked for is passed on.
        """
        return self._recovery.refresh()

    def send(self, key: str) -> OrderRecord:
        """Send an approved order when it is this process's turn; used by the two faces.

        When another sender keeps the lock the order stays approved, and the next ``recover`` of
        any process sends it.
        """
        with self.sending.turn(WAIT_S) as mine:
            if mine:
                return self._recovery.settle(key)
        return self.journal.read().orders[key]
