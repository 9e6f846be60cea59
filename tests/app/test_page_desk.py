"""What the page reads of the desk, and the person's word that it carries there."""

import pytest

from app.chat import decisions
from app.chat.board import Watch, profit, read_board
from app.chat.chart import DOWN, UP, options
from app.chat.order_parts import STATES, time_left
from tools.assembly import assemble
from tools.catalog.orders import OrderTools
from tools.domain.order import OrderState
from tools.settings import load_settings


@pytest.fixture
def house():
    return assemble(load_settings())


def propose(house, quantity="10", **more):
    tools = OrderTools(house.market, house.clock, house.desk, "agent:test")
    return tools.propose_order("IBM", "buy", quantity, **more)


def test_the_board_shows_the_account_the_mode_and_the_untrusted_words(house):
    proposed = propose(house, rationale="because \u202e")
    board = read_board(house)
    assert board.mode == "ACTIVE"
    assert board.simulated
    assert board.account["equity"] == "100000.00"
    (row,) = board.waiting
    assert row == board.order(proposed["id"])
    assert row["rationale"] == "because \u202e"
    assert dict(row["fields"])["symbol"] == "IBM"
    assert profit(board.account) == (0, 0)


async def test_of_two_decisions_the_second_hears_what_was_decided(house):
    order = propose(house)
    assert await decisions.decide(house, order["id"], "approve") == ""
    said = await decisions.decide(house, order["id"], "reject")
    assert "decided already" in said
    assert "person:page" in said
    assert read_board(house).order(order["id"])["state"] == "filled"


async def test_halt_and_resume(house):
    assert await decisions.halt(house) == ""
    assert read_board(house).mode == "HALTED"
    assert [r["code"] for r in propose(house)["reasons"] if r["hard"]] == ["G01"]
    assert await decisions.resume(house) == ""
    assert read_board(house).mode == "ACTIVE"


async def test_a_defect_is_a_sentence_without_its_details(house):
    class Broken:
        @property
        def desk(self):
            raise RuntimeError("secret detail")

    assert await decisions.halt(Broken()) == decisions.FAILED


async def test_one_reading_serves_every_tab(house):
    watch = Watch(lambda: house)
    first = await watch.look()
    propose(house)
    assert await watch.look() is first
    fresh = await watch.look(fresh=True)
    assert len(fresh.waiting) == 1
    assert (await watch.order(fresh.waiting[0]["id"]))["state"] == "awaiting_approval"
    assert await watch.order("zzzzzzzzzz") is None


def test_a_desk_that_cannot_be_read_is_a_sentence(house):
    house.ledger_path.write_bytes(b"not a database")
    board = read_board(house)
    assert board.error
    assert board.orders == ()


def test_the_candles_have_colours_of_their_own(house):
    bars = house.market.history("IBM", house.clock.now()).bars[-5:]
    (series,) = options(bars)["series"]
    assert (series["itemStyle"]["color"], series["itemStyle"]["color0"]) == (UP, DOWN)
    assert series["data"][-1][1] == float(bars[-1].close)


def test_every_state_has_words():
    assert set(STATES) == {str(state) for state in OrderState}


@pytest.mark.parametrize(("seconds", "said"), [(-1, "over"), (90, "90 s"), (900, "15 min")])
def test_the_countdown(seconds, said):
    assert said in time_left(seconds)
