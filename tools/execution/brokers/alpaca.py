"""Alpaca as a broker, through alpaca-py; the paper venue unless asked for the live one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from tools.alpaca_session import LIVE_URL, PAPER_URL, Keys, checked_url
from tools.domain.actions import Entry
from tools.domain.errors import BrokerRejected, NotFound, OutcomeUnknown
from tools.domain.order import TERMINAL, Order, OrderState
from tools.domain.venue import VenueAccount, VenueOrder
from tools.execution.brokers.alpaca_account import AccountReader, Hours, Listing
from tools.execution.brokers.alpaca_answers import Answer
from tools.execution.brokers.alpaca_line import Line, Patience
from tools.execution.brokers.alpaca_replacing import Replacing
from tools.execution.brokers.alpaca_reports import Reports
from tools.execution.brokers.alpaca_requests import ACCEPTS, changing, placing
from tools.execution.brokers.alpaca_statement import entries
from tools.execution.brokers.alpaca_stream import StreamTimes, TradeUpdates
from tools.execution.brokers.alpaca_words import Told, read_order, state_of
from tools.ports import Clock, News


class AlpacaBroker:
    """Implements ``tools.ports.Broker``.

    ``account`` is the desk's name for the account. ``recall`` gives an order of the ledger by its
    client order id, None for others: Alpaca gives the exits of a bracket ids of its own, and only
    the ledger knows after a restart which order an exit belongs to. ``unique_ids`` is False until
    somebody has seen that their account refuses a used id for good: Alpaca's document doesn't
    promise it, and a lost order is then looked for and never sent again.
    """

    name = "alpaca"
    simulated_fills = False
    accepts = ACCEPTS

    def __init__(
        self,
        keys: Keys,
        clock: Clock,
        *,
        account: str,
        recall: Callable[[str], Order | None] = lambda _: None,
        live: bool = False,
        url: str = "",
        unique_ids: bool = False,
        patience: Patience | None = None,
        times: StreamTimes | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Nothing is sent yet. Raises ConfigError for an address that isn't Alpaca's."""
        self._url = checked_url(url or (LIVE_URL if live else PAPER_URL), live=live)
        self._keys, self._clock, self._times = keys, clock, times or StreamTimes()
        self.real_money = live
        self.unique_ids = unique_ids
        basis = "Alpaca" if live else "Alpaca's paper venue"
        self._line = Line(keys, self._url, clock, patience or Patience(), sleep, jitter)
        self._reports = Reports(self._line, account, basis, recall)
        self._replacing = Replacing(self._line, self._reports, sleep)
        self._reader = AccountReader(self._line, clock)
        self._unsure: set[str] = set()

    def submit(
        self, order: Order, worst_price: Decimal | None = None, *, at: datetime | None = None
    ) -> VenueOrder:
        """Send once; a known id is answered with the order that the venue has under it.

        A real market has only one moment: an order of the past is refused unsent.
        """
        known = self._known(order.client_order_id)
        if known is not None:
            return self._taken(known)
        self._of_now(order, at)
        self._reports.keep(order)
        answer = self._sent(order, "POST", "/orders", placing(order, worst_price))
        return self._taken(self._placed(order, "POST", "/orders", answer))

    def replace(
        self, order: Order, worst_price: Decimal | None = None, *, at: datetime | None = None
    ) -> VenueOrder:
        """Put it in the place of the one it ``replaces``; see ``alpaca_replacing``.

        The old one is canceled, and what is left of the total is sent. Where that is refused both
        are gone, and the error says so.
        """
        known = self._known(order.client_order_id, ask=True)
        if known is not None:
            return self._taken(known)
        self._of_now(order, at)
        old = self._reports.find(order.replaces)
        if old is None or state_of(old) in TERMINAL:
            ended = "has ended" if old else "is not at Alpaca"
            raise BrokerRejected(f"not sent: the order {order.replaces[:10]} to replace {ended}")
        ours = self._reports.order(order.replaces, old)
        if old.grouped or old.legs or (ours is not None and ours.leg_of):
            return self._changed(order, old)
        rest = self._replacing.rest(order, old)
        try:
            answer = self._sent(order, "POST", "/orders", placing(rest, worst_price))
            new = self._placed(order, "POST", "/orders", answer)
            return self._taken(self._within(order, new))
        except BrokerRejected as error:
            raise BrokerRejected(
                f"{error}. The order {order.replaces[:10]} was canceled for it and is gone as well"
            ) from None

    def _changed(self, order: Order, old: Told) -> VenueOrder:
        """Change an exit in place, and cancel what came of it where that may fill too much."""
        before = self._replacing.filled(old, order.replaces)
        path = f"/orders/{quote(old.id, safe='')}"
        body = changing(order, self._reports.order(order.replaces, old), order.quantity - before)
        new = self._placed(order, "PATCH", path, self._sent(order, "PATCH", path, body))
        return self._taken(self._within(order, new))

    def _within(self, order: Order, told: Told) -> Told:
        """The order, canceled at once where it and all before it may fill more than the total."""
        if not self._replacing.exceeds(order, told):
            return told
        self._replacing.cancel(told)
        return self._replacing.again(told)

    def _of_now(self, order: Order, at: datetime | None) -> None:
        """Raises BrokerRejected for an order that simulates the past."""
        if at is None and order.dated(self._clock.now()):
            raise BrokerRejected(
                f"not sent: it is dated {order.as_of:%Y-%m-%d %H:%M} UTC and Alpaca trades only "
                "now; leave the date out"
            )

    def lookup(self, client_order_id: str) -> VenueOrder | None:
        """The venue's word; exits are found through the order that the ledger says they are of.

        A replacement that may fill more than its total, since the old order filled late or the
        change itself came late, is canceled first.
        """
        told = self._reports.find(client_order_id)
        if told is None:
            return None
        ours = self._reports.order(client_order_id, told)
        told = told if ours is None else self._within(ours, told)
        return self._reports.report(told, client_order_id)

    def cancel(self, client_order_id: str) -> VenueOrder:
        """Ask for a cancel and tell how the order stands then."""
        told = self._reports.find(client_order_id)
        if told is None:
            raise NotFound(f"Alpaca has never seen {client_order_id}")
        if state_of(told) not in TERMINAL:
            self._replacing.cancel(told)
            told = self._replacing.again(told)
        return self._reports.report(told, client_order_id)

    def cancel_all(self) -> None:
        """Ask to cancel every open order; OutcomeUnknown where some could not be asked."""
        answer = self._line.call("DELETE", "/orders")
        if answer.status not in (200, 207) or not isinstance(answer.body, list | None):
            raise self._line.refusal("DELETE", "/orders", answer)
        failed = [one for one in answer.body or () if not _canceled(one)]
        if failed:
            raise OutcomeUnknown(f"Alpaca could not cancel {len(failed)} of the open orders")

    def open_orders(self) -> tuple[VenueOrder, ...]:
        """Every open order of the account, also those sent past this desk."""
        return self._reports.open_orders()

    def account(self) -> VenueAccount:
        """Cash and positions as Alpaca keeps them."""
        return self._reader.account()

    def entries(self, after: str = "") -> tuple[Entry, ...]:
        """Dividends, fees, interest, deposits and splits, as Alpaca booked them."""
        return entries(self._line, after)

    def listing(self, symbol: str) -> Listing | None:
        """On what terms a symbol is traded; None when Alpaca doesn't list it."""
        return self._reader.listing(symbol)

    def hours(self) -> Hours:
        """Whether the US market is open, and when it opens and closes next."""
        return self._reader.hours()

    def listen(self, heard: Callable[[str], None]) -> News:
        """Hints from the account's trade updates."""
        return TradeUpdates(self._keys, self._url, self._reports.named, heard, self._times)

    def _known(self, client_order_id: str, *, ask: bool = False) -> Told | None:
        """The order there is under an id; where the venue keeps ids unique only if told to ask.

        Raises OutcomeUnknown while an earlier attempt of this process may still arrive.
        """
        if self.unique_ids and not ask:
            return None
        known = self._reports.by_client_id(client_order_id)
        if known is None and client_order_id in self._unsure and not self.unique_ids:
            raise OutcomeUnknown(
                "an earlier attempt to send this order may still reach Alpaca, so it isn't sent "
                "again; look for it there"
            )
        self._unsure.discard(client_order_id)
        return known

    def _sent(self, order: Order, method: str, path: str, body: dict[str, object]) -> Answer:
        """The answer to a change; its id is unsure until the answer has proved something."""
        self._unsure.add(order.client_order_id)
        try:
            return self._line.call(method, path, body)
        except BrokerRejected:
            self._unsure.discard(order.client_order_id)
            raise

    def _placed(self, order: Order, method: str, path: str, answer: Answer) -> Told:
        if answer.taken:
            told = self._reports.by_client_id(order.client_order_id)
            if told is None:
                raise OutcomeUnknown("Alpaca says that this order's id is taken but can't find it")
        elif answer.status == 200:
            told = read_order(answer.body)
            if told.client_order_id != order.client_order_id:
                raise OutcomeUnknown("Alpaca answered with another order than the one it was sent")
        else:
            error = self._line.refusal(method, path, answer)
            if isinstance(error, BrokerRejected):
                self._unsure.discard(order.client_order_id)
            raise error
        self._unsure.discard(order.client_order_id)
        return told

    def _taken(self, told: Told) -> VenueOrder:
        report = self._reports.report(told, told.client_order_id)
        if report.state is OrderState.REJECTED and not report.fills:
            raise BrokerRejected(f"Alpaca refused: {report.reason}")
        return report


def _canceled(one: object) -> bool:
    """Whether an order of a mass cancel is on its way out, or had ended already."""
    status = one.get("status") if isinstance(one, dict) else None
    return status in (200, 204, 404, 422)
