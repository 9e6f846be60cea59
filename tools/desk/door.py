"""The desk: what both faces stand on. Backtest, paper and live differ in its broker and clock."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tools.desk.approvals import Approvals
from tools.desk.external import External
from tools.desk.halting import Halting
from tools.desk.journal import Journal
from tools.desk.judge import Judge
from tools.desk.proposals import WAIT_S, Proposals
from tools.desk.reconciliation import Reconciliation
from tools.desk.recovery import Recovery
from tools.desk.sending import Sending
from tools.domain.errors import StateError
from tools.domain.portfolio import Health
from tools.execution.record import OrderRecord
from tools.monitoring.beside import Beside, in_folder
from tools.monitoring.watch import Watch
from tools.monitoring.words import Word
from tools.portfolio.accounting import Account
from tools.ports import Broker, Clock, Ledger, MarketData
from tools.risk.limits import Limits
from tools.risk.mode import Mode

STARTING_CASH = Decimal(100_000)


class Desk:
    """The single door for orders of one account.

    ``proposals`` is for agents and tools, ``approvals`` for people. ``folder`` is the state
    folder that every process of the same ledger shares, or what stands for it where there is one
    process. Making a desk asks and sends nothing: what a killed process left behind is settled by
    ``recover``, which only those call who mean to send.
    """

    def __init__(
        self,
        ledger: Ledger,
        broker: Broker,
        market: MarketData,
        clock: Clock,
        limits: Limits,
        folder: Path | Beside,
        account: str = "paper",
        currency: str = "USD",
        starting_cash: Decimal = STARTING_CASH,
        live: bool = False,
    ) -> None:
        """Open the door; nothing is asked and nothing sent.

        ``live`` is the word of whoever started it that real money may be traded.
        """
        self.broker = broker
        self.market = market
        self.clock = clock
        self.limits = limits
        self.account = account
        self.journal = Journal(ledger)
        start = Account(currency, starting_cash)
        beside = in_folder(folder) if isinstance(folder, Path) else folder
        self.watch = Watch(market, clock, limits, beside.switch)
        self.judge = Judge(
            market, clock, limits, account, start, broker=broker, watch=self.watch, live=live
        )
        self.sending = Sending(self.journal, self.judge, broker, clock, market)
        external = External(
            self.journal, market, clock, limits, account, simulated=not broker.real_money
        )
        self._recovery = Recovery(self.journal, self.sending, external, broker, clock, account)
        self._reconciliation = Reconciliation(
            self.journal,
            self._recovery,
            external,
            broker,
            clock,
            self.watch,
            account,
            self.judge.following,
            beside.agreements,
        )
        self.halting = Halting(self)
        self.proposals = Proposals(self)
        self.approvals = Approvals(self)

    def recover(self) -> tuple[OrderRecord, ...]:
        """Settle orders left between the journal and the venue; the records it touched.

        Approved orders that were not sent, and those that provably never arrived, are gated again
        and sent; the others end as the venue says.
        """
        if not self._recovery.left():
            return ()
        self.agree()  # before anything is sent on it
        return self._recovery.recover()

    def refresh(self) -> tuple[OrderRecord, ...]:
        """Ask the venue about the orders it has or may have; the records it had a word on.

        Nothing is ever sent here, but a cancel that somebody asked for is passed on. What the
        account's statement has new (splits, dividends, fees) is booked.
        """
        found = self._recovery.refresh()
        self._reconciliation.booked()
        return found

    def reconcile(self) -> Health:
        """Hear of every order as ``refresh`` does, then compare cash and positions.

        What stays different is taken over from the venue, and all trading stops until a person has
        looked.
        """
        return self._reconciliation.run()

    def agree(self) -> Health:
        """Reconcile unless some process did so a moment ago: called before risk is added."""
        return self._reconciliation.fresh()

    def hear(self, key: str) -> None:
        """Take a hint that there is news of an order, or of anything when ``key`` is empty."""
        if key:
            self._recovery.ask(key)
        else:
            self._reconciliation.run()

    def standing(self) -> tuple[Word, ...]:
        """Each source's word on trading now; never raises for a ledger that can't be read."""
        try:
            book = self.journal.read()
            self.agree()
        except StateError as error:
            return (Word("ledger", Mode.HALTED, str(error)), self.watch.switch.word())
        self.watch.look(book)
        return self.watch.standing(self.journal.read())

    def send(self, key: str) -> OrderRecord:
        """Send an approved order when it is this process's turn; used by the two faces.

        When another sender keeps the lock the order stays approved, and the next ``recover`` of
        any process sends it.
        """
        self.agree()
        with self.sending.turn(WAIT_S) as mine:
            if mine:
                record = self._recovery.settle(key)
                if record.order.dated(self.clock.now()):
                    # What it bought may have been split since.
                    self._reconciliation.booked(again=True)
                return record
        return self.journal.read().orders[key]
