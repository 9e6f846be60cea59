"""The kill switch: blocked first and durably, canceled next, lifted by a person alone."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from tools.desk.journal import Page
from tools.domain.errors import Conflict, StateError, TradingError
from tools.domain.venue import VenueOrder
from tools.execution.kinds import Kind
from tools.execution.states import RESTING, UNSETTLED
from tools.monitoring.words import Word
from tools.risk.mode import Mode

if TYPE_CHECKING:
    from tools.desk.door import Desk

logger = logging.getLogger("tollgate.alert")
AT_ONCE = 8
"""Cancels on their way to the venue at the same time."""
STANDING = ("data", "broker", "ledger")
"""Sources that no person can lift: what they say must become true."""


class Halting:
    """Stops and resumes trading for every process over the same ledger and state folder."""

    def __init__(self, desk: Desk) -> None:
        """Made by the desk."""
        self._desk = desk

    def halt(self, who: str, reason: str, mode: Mode = Mode.HALTED) -> Mode:
        """Stop all new orders, or with REDUCE_ONLY those that add risk; only `resume` lifts it.

        When this returns no process begins to send any more. HALTED also asks the venue to cancel
        every open order; a cancel that can't be asked for now is asked for by whoever looks at the
        order next. A ledger that can't be written does not stand in the way as long as the file
        HALTED can be; StateError when neither can be.
        """
        failed = []
        if mode is Mode.HALTED:
            try:
                self._desk.watch.switch.turn_on(f"{who}: {reason}\n")
            except StateError as error:
                failed.append(str(error))
        keys: tuple[str, ...] = ()
        try:
            keys = self._written(who, reason, mode)
        except TradingError as error:
            failed.append(str(error))
        logger.critical("%s by %s: %s", mode.name, who, reason)
        for problem in failed:
            logger.critical("while halting: %s", problem)
        if mode is Mode.HALTED:
            self._cancel_all(keys)
        if len(failed) == 2 or (failed and mode is not Mode.HALTED):
            raise StateError(
                f"the halt could not be written down: {'; '.join(failed)}. Stop every tollgate "
                "process, and cancel open orders at the venue"
            )
        return mode

    def resume(self, who: str) -> Mode:
        """Lift what people and tripwires stopped; Conflict while a cause still stands."""
        before = self._desk.journal.read().trips
        words = self._looked()
        book = self._desk.journal.read()
        new = [trip for trip in book.trips if trip not in before]
        if new:
            raise Conflict(
                f"trading stays stopped; just now this was found: {' '.join(new)} Look into it, "
                "then resume again"
            )
        causes = [w for w in words if w.source in STANDING and w.mode is not Mode.ACTIVE]
        if causes:
            said = " ".join(word.sentence for word in causes)
            raise Conflict(f"trading can't be resumed while this stands: {said}")
        cleared = [f"{w.source}: {w.sentence}" for w in words if w.mode is not Mode.ACTIVE]
        with self._desk.journal.writing() as page:
            data = {"mode": Mode.ACTIVE.name, "who": who, "reason": "", "cleared": cleared}
            page.write(Kind.MODE, "", data)
        self._desk.watch.switch.turn_off()
        logger.warning("resumed by %s: %s", who, " ".join(cleared) or "nothing was stopped")
        return Mode.ACTIVE

    def _written(self, who: str, reason: str, mode: Mode) -> tuple[str, ...]:
        """Journal the stop and, when halting, the wish to cancel each open order; their ids."""
        keys = []
        with self._desk.journal.writing() as page:
            page.write(Kind.MODE, "", {"mode": mode.name, "who": who, "reason": reason})
            for key, record in page.book.orders.items() if mode is Mode.HALTED else ():
                open_ = record.state in RESTING or (
                    record.state in UNSETTLED and record.sent_at is not None
                )
                if not open_ or record.order.account != self._desk.account:
                    continue
                keys.append(key)
                if not record.cancel_requested:
                    page.write(Kind.CANCEL_REQUESTED, key, {"by": who})
        return tuple(keys)

    def _cancel_all(self, keys: tuple[str, ...]) -> None:
        """Ask for every cancel at once; then write down what the venue said."""
        broker = self._desk.broker
        with ThreadPoolExecutor(AT_ONCE, "cancel") as pool:
            everything = pool.submit(broker.cancel_all)
            asked = {key: pool.submit(broker.cancel, key) for key in keys}
        problem = everything.exception()
        if problem is not None:
            logger.critical("the venue was asked to cancel everything and failed: %s", problem)
        for key, answer in asked.items():
            self._heard(key, answer)

    def _heard(self, key: str, answer: Future[VenueOrder]) -> None:
        try:
            self._desk.sending.adopt(key, answer.result())
        except Exception as error:  # noqa: BLE001 (an adapter's defect must not stop the others)
            logger.critical("order %s: the cancel is asked for again (%s)", key[:10], error)

    def _looked(self) -> tuple[Word, ...]:
        """Every word, after a fresh comparison; one that found something looks a second time."""
        health = self._desk.reconcile()
        if health.differences and health.connected:
            self._desk.reconcile()
        return self._desk.standing()


def trip(page: Page, reason: str) -> None:
    """Something is wrong that must never be: all trading stops until a person has looked."""
    if reason not in page.book.trips:
        page.write(Kind.TRIPPED, "", {"reason": reason})
        logger.critical("tripwire: %s", reason)
