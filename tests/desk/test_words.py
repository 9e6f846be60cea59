"""The venue's words in any order: late, twice, taken back, or never heard of before."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.desk.memory import execution, sent
from tests.doubles import order
from tools.desk.adopting import Adopting
from tools.domain.legs import legs
from tools.domain.order import OrderGroup, OrderState
from tools.domain.venue import VenueOrder
from tools.execution.states import RANK
from tools.risk.limits import load_limits

D, S = Decimal, OrderState
WISH = order("w", quantity="30", limit="201")
KEY = WISH.client_order_id
F1, F2, F3 = (execution(WISH, name) for name in ("x1", "x2", "x3"))


def word(state, *fills, **kw):
    return VenueOrder(KEY, state, fills, **kw)


def heard(*answers, journal=None, asked=None):
    """The journal after answers to questions that were all asked before the first came back."""
    journal = journal or sent(WISH)
    adopting = Adopting(journal, load_limits())
    for answer in answers:
        adopting.adopt(KEY, answer, asked=asked)
    return journal


def record_in(journal):
    return journal.read().orders[KEY]


def ends(answers):
    """Every end that some order of the answers leads to."""
    found = set()
    for permuted in itertools.permutations(answers):
        record = record_in(heard(*permuted))
        found.add((record.state, record.filled, frozenset(f.execution_id for f in record.fills)))
    return found


STORIES = {
    "a fill before the acknowledgement": (
        [word(S.SENT), word(S.ACCEPTED), word(S.PARTIAL, F1), word(S.FILLED, F1, F2, F3)],
        S.FILLED,
    ),
    "a cancel before a fill": (
        [
            word(S.ACCEPTED),
            word(S.PENDING_CANCEL),
            word(S.PARTIAL, F1),
            word(S.CANCELED, F1),
            word(S.PARTIAL, F1),
        ],
        S.CANCELED,
    ),
    "a fill that the cancel did not know": (
        [word(S.ACCEPTED), word(S.PARTIAL, F1), word(S.CANCELED), word(S.PENDING_CANCEL)],
        S.FILLED_LATE,
    ),
    "a cancel and a fill race": (
        [
            word(S.PENDING_CANCEL, F1),
            word(S.CANCELED, F1),
            word(S.FILLED, F1, F2, F3),
            word(S.PARTIAL, F1, F2),
            word(S.ACCEPTED),
            word(S.FILLED, F1, F2, F3),
        ],
        S.FILLED,
    ),
    "old states come late": (
        [
            word(S.SUSPENDED),
            word(S.DONE_FOR_DAY, F1),
            word(S.ACCEPTED),
            word(S.EXPIRED, F1),
            word(S.SENT),
            word(S.EXPIRED, F1),
        ],
        S.EXPIRED,
    ),
    "a word that nobody knows": (
        [
            word(S.NEEDS_HUMAN, raw="calculated"),
            word(S.ACCEPTED),
            word(S.PARTIAL, F1),
            word(S.PENDING_REPLACE, F1),
        ],
        S.NEEDS_HUMAN,
    ),
    "refused, though a fill was told": ([word(S.REJECTED), word(S.PARTIAL, F1)], S.FILLED_LATE),
}


@pytest.mark.parametrize("name", STORIES)
def test_any_order_of_the_same_answers_ends_in_the_same_state(name):
    answers, state = STORIES[name]
    found = ends(answers)
    assert len(found) == 1
    assert next(iter(found))[0] is state


def test_every_word_twice_is_one():
    for state in RANK:
        once = heard(word(state, F1))
        again = heard(word(state, F1), journal=once)
        assert again.read().seq == once.read().seq, state


def test_a_fresh_answer_may_move_a_living_order_back_and_an_old_one_may_not():
    journal = heard(word(S.ACCEPTED), word(S.PENDING_CANCEL))
    old = journal.read().seq - 2
    assert record_in(heard(word(S.ACCEPTED), journal=journal, asked=old)).state is S.PENDING_CANCEL
    now = journal.read().seq
    assert record_in(heard(word(S.ACCEPTED), journal=journal, asked=now)).state is S.ACCEPTED


@pytest.mark.parametrize("end", [S.CANCELED, S.EXPIRED, S.REJECTED])
def test_a_late_fill_is_booked_alarmed_and_stops_trading(end):
    journal = heard(word(end))
    book = heard(word(end, F1), journal=journal, asked=journal.read().seq).read()
    record = book.orders[KEY]
    assert (record.state, record.filled) == (S.FILLED_LATE, 10)
    assert "late_fill" in alarms(journal)
    assert book.trips


def test_one_answer_that_lacks_an_execution_takes_nothing_back():
    journal = heard(word(S.FILLED, F1, F2, F3))
    heard(word(S.FILLED, F1, F3), journal=journal, asked=journal.read().seq)
    assert (record_in(journal).filled, record_in(journal).missing) == (30, {"x2"})
    heard(word(S.FILLED, F1, F2, F3), journal=journal, asked=journal.read().seq)
    assert (record_in(journal).filled, record_in(journal).missing) == (30, frozenset())
    heard(word(S.FILLED, F1, F3), journal=journal, asked=journal.read().seq)
    assert record_in(journal).filled == 30
    assert alarms(journal) == []


def test_an_answer_with_an_execution_that_cannot_be_takes_nothing_back():
    journal = heard(word(S.FILLED, F1, F2, F3))
    spoiled = replace(F2, quantity=D("1e30"))
    for _ in range(3):
        heard(word(S.FILLED, F1, spoiled), journal=journal, asked=journal.read().seq)
    assert record_in(journal).filled == 30
    assert journal.read().trips


def test_a_bust_is_taken_back_alarmed_and_a_later_telling_books_it_again():
    journal = heard(word(S.FILLED, F1, F2, F3))
    for _ in range(2):
        heard(word(S.FILLED, F1, F3), journal=journal, asked=journal.read().seq)
    record = record_in(journal)
    assert (record.filled, record.state) == (20, S.FILLED)
    assert [f.execution_id for f in journal.read().of("paper").fills] == ["x1", "x3"]
    assert alarms(journal) == ["bust"]
    heard(word(S.FILLED, F1, F2, F3), journal=journal, asked=journal.read().seq)
    assert record_in(journal).filled == 30


def test_a_bust_may_open_an_order_again():
    journal = heard(word(S.FILLED, F1, F2, F3))
    for _ in range(2):
        heard(word(S.ACCEPTED, F1), journal=journal, asked=journal.read().seq)
    assert (record_in(journal).state, record_in(journal).leaves) == (S.PARTIAL, 20)
    assert KEY in journal.read().of("paper").open


def test_a_correction_changes_the_execution_and_is_alarmed():
    journal = heard(word(S.PARTIAL, F1))
    heard(word(S.PARTIAL, replace(F1, price=D(199))), journal=journal, asked=journal.read().seq)
    assert [f.price for f in record_in(journal).fills] == [D(199)]
    assert [f.price for f in journal.read().of("paper").fills] == [D(199)]
    assert alarms(journal) == ["correct"]


def test_an_answer_of_unknown_age_takes_nothing_back():
    journal = heard(word(S.PARTIAL, F1, F2))
    heard(word(S.ACCEPTED), word(S.PARTIAL, F2), journal=journal)
    assert (record_in(journal).state, record_in(journal).filled) == (S.PARTIAL, 20)
    assert alarms(journal) == []


def test_filled_with_executions_missing_is_looked_at_again():
    journal = heard(word(S.FILLED, F1))
    assert (record_in(journal).state, record_in(journal).leaves) == (S.PARTIAL, 20)
    assert record_in(heard(word(S.FILLED, F1, F2, F3), journal=journal)).state is S.FILLED


@pytest.mark.parametrize("odd", [S.PROPOSED, S.APPROVED, S.UNKNOWN, S.FILLED_LATE, S.DENIED])
def test_a_state_that_no_venue_can_say_needs_a_person_and_is_kept(odd):
    record = record_in(heard(word(odd)))
    assert (record.state, record.raw) == (S.NEEDS_HUMAN, str(odd))


def test_a_word_we_do_not_know_is_kept_raw_even_when_it_moves_nothing():
    journal = heard(word(S.FILLED, F1, F2, F3), word(S.NEEDS_HUMAN, raw="stopped\u202e"))
    record = record_in(journal)
    assert (record.state, record.raw) == (S.FILLED, "stopped\u202e")
    assert all(entry.sentence.isprintable() for entry in record.history)
    assert "raw_word" in alarms(journal)


@pytest.mark.parametrize(
    "odd",
    [
        replace(F1, quantity=D("NaN")),
        replace(F1, quantity=D(0)),
        replace(F1, quantity=D("-1")),
        replace(F1, price=D("Infinity")),
        replace(F1, symbol="MSFT"),
        replace(F1, currency="EUR"),
        replace(F1, client_order_id="other"),
        replace(F1, multiplier=D(0)),
    ],
)
def test_an_execution_that_cannot_be_is_not_booked_and_stops_trading(odd):
    journal = heard(word(S.PARTIAL, odd))
    assert record_in(journal).fills == ()
    assert journal.read().trips


def test_overfill_stops_trading_and_is_booked():
    more = execution(WISH, "x4", quantity="1")
    journal = heard(word(S.FILLED, F1, F2, F3, more))
    assert record_in(journal).filled == 31
    assert record_in(journal).leaves == 0
    assert any("more than its quantity" in trip for trip in journal.read().trips)


@pytest.mark.parametrize("end", ["denied", "expired", "canceled", "not_found"])
def test_what_the_desk_concluded_is_overruled_by_the_venue(end):
    """The venue had it after all: it counts again, and a person hears of it."""
    journal = sent(WISH)
    with journal.writing() as page:
        if end == "denied":
            data = {"stage": "send", "verdict": "refused", "reasons": [], "limits_hash": "h",
                    "expires_at": None, "worst_price": None, "collar": None}  # fmt: skip
            page.write("verdict", KEY, data)
        elif end == "expired":
            page.write("approval_expired", KEY, {"reason": "late"})
        elif end == "canceled":
            page.write("canceled", KEY, {"by": "the desk", "reason": "never arrived"})
        else:
            page.write("outcome_unknown", KEY, {"reason": "cut"})
            page.write("settled", KEY, {"state": "not_found", "reason": "never seen"})
    assert KEY not in journal.read().of("paper").open
    heard(word(S.PARTIAL, F1), journal=journal)
    assert (record_in(journal).state, record_in(journal).filled) == (S.PARTIAL, 10)
    assert KEY in journal.read().of("paper").open
    assert alarms(journal) == ["returned"]


def alarms(journal):
    """The codes of the alarms in a journal."""
    rows = journal._ledger.rows
    return [row.data["code"] for row in rows if row.kind == "alarm"]


# ---------------------------------------------------------------------------------- exits

BRACKET = replace(
    order(quantity="10", limit="201"),
    group=OrderGroup.BRACKET,
    take_profit=D(220),
    stop_loss=D(180),
)


def told_with_legs(state, profit, stop, *fills):
    one, other = legs(BRACKET)
    return VenueOrder(
        BRACKET.client_order_id,
        state,
        fills,
        legs=(
            VenueOrder(one.client_order_id, profit, ()),
            VenueOrder(other.client_order_id, stop, ()),
        ),
    )


def test_exits_become_orders_of_their_own_and_count_when_they_are_active():
    journal = sent(BRACKET)
    adopting, key = Adopting(journal, load_limits()), BRACKET.client_order_id
    adopting.adopt(key, told_with_legs(S.ACCEPTED, S.HELD, S.HELD))
    book = journal.read()
    profit, stop = (book.orders[leg.client_order_id] for leg in legs(BRACKET))
    assert (profit.state, stop.state, profit.approver) == (S.HELD, S.HELD, "ana")
    assert set(book.of("paper").open) == {key}
    full = told_with_legs(S.FILLED, S.ACCEPTED, S.ACCEPTED, execution(BRACKET, "b1"))
    adopting.adopt(key, full)
    assert set(journal.read().of("paper").open) == {leg.client_order_id for leg in legs(BRACKET)}
    seq = journal.read().seq
    adopting.adopt(key, full)
    assert journal.read().seq == seq


def test_an_exit_that_is_none_of_the_order_is_alarmed_once_and_not_made():
    journal = sent(BRACKET)
    odd = VenueOrder(BRACKET.client_order_id, S.ACCEPTED, (), legs=(word(S.ACCEPTED),))
    for _ in range(2):
        Adopting(journal, load_limits()).adopt(BRACKET.client_order_id, odd)
    assert alarms(journal) == ["odd_leg"]
    assert KEY not in journal.read().orders
