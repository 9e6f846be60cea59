"""Random lives of many orders over a venue that loses answers: ledger and venue always agree."""

import contextlib
import random
from datetime import timedelta

import pytest

from tests.desk.test_venue_faults import Faulty
from tests.doubles import CLOSE, day, order
from tools.domain.errors import Conflict, OutcomeUnknown
from tools.domain.order import TERMINAL, Side, TimeInForce
from tools.execution.audit import verify
from tools.portfolio.accounting import Account, fold


@pytest.mark.parametrize("seed", range(8))
def test_the_ledger_agrees_with_the_venue_after_recovery(house, seed):
    rng = random.Random(seed)
    faulty = Faulty(house.venue())
    desk = house.desk(broker=faulty)
    days = [day(f"2013-02-{n}") + CLOSE for n in range(25, 29)]
    for n in range(40):
        house.clock.real += timedelta(seconds=rng.choice([1, 70, 400]))
        faulty.before = OutcomeUnknown("x") if rng.random() < 0.15 else None
        faulty.after = OutcomeUnknown("y") if rng.random() < 0.15 else None
        faulty.deaf = rng.random() < 0.1
        wish = order(
            f"w{n}",
            symbol=rng.choice(["IBM", "MSFT"]),
            side=rng.choice(list(Side)),
            quantity=str(rng.randint(1, 60)),
            limit=rng.choice([None, None, "199", "30", "201"]),
            tif=rng.choice(list(TimeInForce)),
            as_of=rng.choice(days),
        )
        record = desk.proposals.propose(wish)
        for act in (
            lambda r=record: desk.approvals.approve(r.id, "ana"),
            desk.recover,
            desk.refresh,
            lambda: desk.proposals.cancel(rng.choice(desk.proposals.orders()).id, "bo"),
            lambda: desk.approvals.halt("ana", "x") if rng.random() < 0.1 else None,
            lambda: desk.approvals.resume("ana"),
        ):
            if rng.random() < 0.6:
                with contextlib.suppress(Conflict, OutcomeUnknown):
                    act()
        seen = desk.proposals.snapshot()
        assert seen.cash >= 0
        assert all(p.quantity >= 0 for p in seen.positions)
    faulty.before = faulty.after = None
    faulty.deaf = False
    desk = house.desk(broker=faulty)
    desk.recover()
    desk.refresh()
    fills = []
    for record in desk.proposals.orders():
        told = house.venue().lookup(record.order.client_order_id)
        if told is None:
            assert not record.fills
            assert record.state in TERMINAL or record.state == "awaiting_approval"
        else:
            assert (told.state, told.fills) == (record.state, record.fills)
            fills += told.fills
    account = fold(Account("USD", desk.judge._start.cash), fills)
    assert account.cash == desk.proposals.snapshot().cash
    assert verify(house.folder / "ledger.db").ok
