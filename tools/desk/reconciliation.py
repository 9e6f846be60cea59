"""Our figures against the venue's: at start, every half minute while serving, before risk is added.

A gap is believed when two looks in a row find the same, and no order in it is on its way. It is
told at once, so that nothing is added on it. When the next comparison finds it again, the venue's
figure is taken over and all trading stops until a person has looked.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from tools.desk.comparing import CASH, gaps, sentences
from tools.desk.external import External
from tools.desk.journal import Journal
from tools.desk.recovery import MAYBE_THERE, Recovery
from tools.domain.errors import TradingError
from tools.domain.portfolio import Health
from tools.domain.venue import VenueAccount
from tools.execution.book import Book
from tools.execution.codec import entry_data
from tools.execution.kinds import Kind
from tools.monitoring.agreement import Agreement, Agreements
from tools.monitoring.watch import Watch
from tools.portfolio.accounting import Account
from tools.portfolio.following import Following
from tools.ports import Broker, Clock

logger = logging.getLogger(__name__)
FRESH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at both: the gaps, and where each figure came from."""

    gaps: Mapping[str, Decimal]
    mine: Account
    venue: VenueAccount


class Reconciliation:
    """Keeps ``watch.health`` up; raises StateError when the ledger can't be read or written."""

    def __init__(
        self,
        journal: Journal,
        recovery: Recovery,
        external: External,
        broker: Broker,
        clock: Clock,
        watch: Watch,
        account: str,
        following: Following,
        agreements: Agreements,
    ) -> None:
        """``following`` keeps the account as it is here, ``agreements`` what came out."""
        self._journal = journal
        self._recovery = recovery
        self._external = external
        self._broker = broker
        self._clock = clock
        self._watch = watch
        self._account = account
        self._following = following
        self._agreements = agreements

    def fresh(self) -> Health:
        """The last outcome of any process; compared again when that is older than ``FRESH``."""
        found = self._recent()
        return self.run() if found is None else self._known(found)

    def booked(self, *, again: bool = False) -> None:
        """Book the venue's statement unless a comparison did so a moment ago, or ``again``.

        What a venue doesn't answer is left to the next comparison, which tells it.
        """
        if not again and self._recent() is not None:
            return
        try:
            self._entries()
        except TradingError as error:
            logger.warning("the venue's statement was not booked: %s", error)

    def run(self) -> Health:
        """Ask for news of every order, then compare cash and positions."""
        before = self._agreements.recall(self._account, self._broker.name)
        try:
            look = self._believed()
        except TradingError as error:
            return self._unanswered(before, str(error))
        except Exception as error:
            # An adapter that breaks its promises must not stop the desk; it is not believed.
            logger.exception("the venue's account could not be read")
            return self._unanswered(before, f"the venue's answer can't be read ({error!r})")
        if look is None:
            return self._watch.health or self._unanswered(before, "orders were moving all the time")
        said = sentences(look.gaps, look.mine, look.venue)
        self._written(said)
        stays = {
            name: gap
            for name, gap in look.gaps.items()
            if self._virgin() or (before is not None and before.gaps.get(name) == gap)
        }
        if stays:
            self._external.take_over(stays, look.venue, said)
        found = Agreement(
            self._account,
            self._broker.name,
            self._clock.wall(),
            said,
            look.gaps,
            look.venue.blocked,
        )
        self._agreements.remember(found)
        self._watch.venue = look.venue
        return self._known(found)

    def _recent(self) -> Agreement | None:
        found = self._agreements.recall(self._account, self._broker.name)
        if found is not None and timedelta(0) <= self._clock.wall() - found.at < FRESH:
            return found
        return None

    def _believed(self) -> Look | None:
        """A look that the next one confirms, or one without gaps; None when all was moving."""
        last: Look | None = None
        for _ in range(3):
            self._recovery.refresh()
            self._entries()
            look = self._look()
            if look is None:
                continue
            if not look.gaps or (last is not None and last.gaps == look.gaps):
                return look
            last = look
            self._recovery.given_up(look.gaps.keys())
        return None

    def _look(self) -> Look | None:
        """Both accounts at one moment; None when orders moved while the venue was asked."""
        before = self._journal.read()
        venue = self._broker.account()
        after = self._journal.read()
        away = self._on_their_way(before)
        if before.executions != after.executions or away != self._on_their_way(after):
            return None
        mine = self._ours(after)
        return Look(gaps(mine, venue, away | ({CASH} if away else set())), mine, venue)

    def _ours(self, book: Book) -> Account:
        standing = book.of(self._account)
        return self._following.account(standing.fills, standing.entries, standing.restated)

    def _entries(self) -> None:
        """Book what changed the account without a trade: dividends, splits, fees."""
        known = self._journal.read().of(self._account).entries
        new = self._broker.entries(known[-1].id if known else "")
        if not new:
            return
        ids = {entry.id for entry in known}
        if all(entry.id in ids for entry in new):
            return
        with self._journal.writing() as page:
            ids = {entry.id for entry in page.book.of(self._account).entries}
            for entry in new:
                if entry.id not in ids:
                    data = {"account": self._account, "entry": entry_data(entry)}
                    page.write(Kind.ENTRY, "", data)

    def _on_their_way(self, book: Book) -> set[str]:
        orders = book.of(self._account).open.values()
        return {record.order.symbol for record in orders if record.state in MAYBE_THERE}

    def _virgin(self) -> bool:
        """Whether this ledger knows nothing of the account: there is nothing to wait for then."""
        return not self._journal.read().orders

    def _written(self, said: tuple[str, ...]) -> None:
        """The journal keeps the outcome when it changes, and doesn't grow while it doesn't."""
        if self._journal.read().differences == said:
            return
        with self._journal.writing() as page:
            if page.book.differences != said:
                page.write(Kind.RECONCILED, "", {"differences": list(said)})

    def _known(self, found: Agreement) -> Health:
        said = found.differences
        if found.blocked:
            said = (*said, "The venue says that this account may not trade.")
        self._watch.health = Health(found.at, said, connected=self._watch.hears())
        return self._watch.health

    def _unanswered(self, before: Agreement | None, why: str) -> Health:
        last = self._watch.health or Health(None if before is None else before.at, (), False)
        self._watch.health = Health(
            last.reconciled_at, (f"The venue's account could not be compared: {why}.",), False
        )
        return self._watch.health
