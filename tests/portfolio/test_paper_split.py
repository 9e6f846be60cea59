"""Apple's two-for-one split of 28 February 2005 at the paper venue, with the real raw prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.doubles import FakeClock, order
from tools.domain.actions import CorporateAction, Dividend, Split, StockSplit
from tools.domain.order import Side
from tools.execution.brokers.paper import PaperVenue
from tools.market_data.feeds.sample import SampleFeed
from tools.market_data.market import Market
from tools.market_data.sessions import xnys
from tools.portfolio.accounting import Account
from tools.portfolio.snapshot import marks_at, picture

D = Decimal
BOUGHT, FRIDAY, MONDAY = date(2005, 2, 23), date(2005, 2, 25), date(2005, 2, 28)
START = Account("USD", D(100_000))


@dataclass
class Told:
    """The actions that a test tells of."""

    facts: tuple[CorporateAction, ...]

    def actions(self, symbol: str, after: datetime, until: datetime) -> Sequence[CorporateAction]:
        return [f for f in self.facts if f.symbol == symbol and after < f.ex <= until]


FACTS = (
    # Apple paid none in 2005: this one is made up, to see a short owe it.
    Dividend("AAPL", xnys(FRIDAY)[0], D("0.30"), "USD"),
    StockSplit("AAPL", xnys(MONDAY)[0], D(2)),
)


@pytest.mark.parametrize("side", list(Side))
def test_held_over_the_split_the_equity_moves_by_the_market_alone(side: Side, tmp_path: Path):
    clock = FakeClock(xnys(BOUGHT)[1])
    market = Market((SampleFeed(),), clock)
    venue = PaperVenue(tmp_path / "paper.db", market, clock, actions=Told(FACTS))
    wish = order(symbol="AAPL", side=side, quantity="100", as_of=clock.now())
    venue.submit(wish)

    def seen(session):
        clock.market = xnys(session)[1]
        fills, entries = venue.lookup(wish.client_order_id).fills, venue.entries()
        shown = picture(
            "paper", clock.now(), START, fills, marks_at(market, clock.now()), entries=entries
        )
        there = venue.account()  # the venue's own books say the same, to the cent
        assert (there.cash, there.positions) == (
            shown.cash, {p.symbol: p.quantity for p in shown.positions if p.quantity},
        )  # fmt: skip
        return shown, entries

    friday, _ = seen(FRIDAY)
    monday, entries = seen(MONDAY)
    [split] = [row for row in entries if isinstance(row, Split)]
    assert (split.ratio, split.change) == (2, 100 * side.sign)
    assert monday.held("AAPL") == 200 * side.sign
    assert friday.positions[0].dividends == 30 * side.sign
    borrow = monday.positions[0].borrow - friday.positions[0].borrow
    assert (borrow < 0) if side is Side.SELL else not borrow
    # 88.99 before, 44.86 after: two of the new shares for one old gained 0.73.
    assert monday.equity - friday.equity == 73 * side.sign + borrow
    assert monday.positions[0].unrealised == friday.positions[0].unrealised + 73 * side.sign
