"""A dividend at the live desk on the built-in venue: IBM's 0.85 of 6 February 2013."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from app.cli import run as command
from tests.backtest.pricefiles import days
from tests.doubles import order
from tools.assembly import assemble, open_audit
from tools.clock import SimulatedClock
from tools.domain.actions import CashKind
from tools.domain.money import Price
from tools.domain.order import OrderState, OrderType, Side, TimeInForce
from tools.market_data.feeds.sample import SampleFeed
from tools.risk.mode import Mode
from tools.settings import load_settings

D = Decimal
EX = date(2013, 2, 6)
BARS = [bar for bar in SampleFeed().bars("IBM") if bar.session >= date(2012, 10, 1)]


def close_of(day: str) -> datetime:
    return next(bar.known_at for bar in BARS if str(bar.session) == day)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    made = tmp_path / "prices"
    made.mkdir()
    monkeypatch.setenv("TOLLGATE_DATA", str(made))
    monkeypatch.setenv("TOLLGATE_FEED", "files")
    return made


@pytest.fixture
def house(folder):
    """A desk of its own at each call, over the same state: the program was started again."""
    days(folder, BARS, dividends={EX: D("0.85")})
    clock = SimulatedClock(close_of("2013-02-01"))

    def opened(at):
        clock.turn_to(close_of(at))
        return assemble(load_settings(), now=clock.now)

    return opened


def looked(house, at):
    """The desk at the close of a day, after it has heard of its orders and compared."""
    desk = house(at).desk
    assert desk.reconcile().differences == ()
    return desk


def bought(desk, intent, quantity="50", side=Side.BUY):
    wish = order(intent, "IBM", side, quantity, as_of=desk.clock.now())
    record = desk.proposals.propose(wish)
    assert record.state is OrderState.AWAITING_APPROVAL
    return desk.approvals.approve(record.id, "ana")


def entries(desk):
    return desk.journal.read().of(desk.account).entries


def test_who_holds_over_the_ex_date_has_it_once_in_cash_portfolio_and_journal(house, capsys):
    first = house("2013-02-01").desk
    bought(first, "hold")
    cash = looked(house, "2013-02-05").proposals.snapshot().cash
    for day in ("2013-02-06", "2013-02-06", "2013-02-07", "2013-02-11"):
        desk = looked(house, day)  # a restart each time
        shown = desk.proposals.snapshot()
        assert shown.cash == cash + D("42.50")
        [held] = shown.positions
        assert (held.quantity, held.dividends) == (50, D("42.50"))
        assert desk.broker.account().cash == shown.cash
    [entry] = entries(desk)
    assert (entry.kind, entry.amount, str(entry.at.date())) == (
        CashKind.DIVIDEND,
        D("42.50"),
        "2013-02-06",
    )
    assert "0.85 USD a share on 50 from 2013-02-06" in entry.basis
    # The gate goes on, and nothing that was journalled reads another way afterwards.
    assert all(word.mode is Mode.ACTIVE for word in desk.standing())
    bought(desk, "more", "5")
    assert open_audit(load_settings()).verify().ok
    assert command(["gate", "replay"]) == 0
    capsys.readouterr()
    assert command(["audit", "verify"]) == 0


def test_it_is_booked_late_when_the_file_tells_it_late(house, folder):
    bought(house("2013-02-01").desk, "hold")
    days(folder, BARS)
    desk = looked(house, "2013-02-07")
    bought(desk, "more", "5")  # the venue is past the ex-date now, without a dividend
    looked(house, "2013-02-11")
    days(folder, BARS, dividends={EX: D("0.85")})
    desk = looked(house, "2013-02-12")
    assert [one.amount for one in entries(desk)] == [D("42.50")]  # on the 50 of then
    assert len(entries(looked(house, "2013-02-13"))) == 1


def test_a_file_that_can_not_be_read_any_more_stops_no_order_and_books_it_later(house, folder):
    bought(house("2013-02-01").desk, "hold")
    days(folder, BARS, dividends={EX: "much"})
    assert entries(looked(house, "2013-02-07")) == ()
    days(folder, BARS, dividends={EX: D("0.85")})
    assert [one.amount for one in entries(looked(house, "2013-02-08"))] == [D("42.50")]


def test_who_sold_before_the_ex_date_gets_nothing(house):
    bought(house("2013-02-01").desk, "hold")
    bought(looked(house, "2013-02-04"), "sell", side=Side.SELL)
    assert entries(looked(house, "2013-02-08")) == ()


def test_an_order_that_a_dividend_has_lowered_says_so_at_the_desk(house):
    bought(house("2013-02-01").desk, "hold")
    desk = looked(house, "2013-02-04")
    stop = replace(
        order("stop", "IBM", Side.SELL, "50", tif=TimeInForce.GTC, as_of=desk.clock.now()),
        type=OrderType.STOP,
        stop_price=Price(D(190)),
    )
    desk.approvals.approve(desk.proposals.propose(stop).id, "ana")
    for day in ("2013-02-07", "2013-02-08"):
        record = looked(house, day).proposals.get(stop.id)
        assert record.state is OrderState.ACCEPTED
        said = "For the dividend of 2013-02-06 its stop is 189.15 now."
        assert len([one for one in record.history if said in one.sentence]) == 1
