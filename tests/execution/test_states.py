"""Only the moves on the list, and a record that any retelling of the same events leaves alike."""

import itertools
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.doubles import END, order
from tools.domain.errors import Conflict, StateError
from tools.domain.order import TERMINAL, Fill, OrderGroup, OrderState, OrderType, Side
from tools.execution.book import Book
from tools.execution.codec import fill_from, order_from, to_plain
from tools.execution.states import MOVES, RANK, RESERVING, RESTING, may_move, move
from tools.execution.step import accepts, step
from tools.ports import Event

S = OrderState
WISH = order()
KEY = WISH.client_order_id


def event(seq, kind, data, key=KEY):
    return Event(seq, END + timedelta(seconds=seq), kind, key, data, "", "")


def proposed(seq=1):
    return event(seq, "proposed", {"order": to_plain(WISH), "simulated": True, "venue": "paper"})


def verdict(seq, name, stage="proposal"):
    return event(
        seq,
        "verdict",
        {
            "stage": stage,
            "verdict": name,
            "reasons": [{"code": "G06", "sentence": "Ask.", "hard": name == "refused"}],
            "limits_hash": "h",
            "expires_at": None,
            "worst_price": "210",
            "collar": "210",
        },
    )


def fill(number, quantity="20", key=KEY):
    return Fill(
        f"x{number}", key, "IBM", Side.BUY, Decimal(quantity), Decimal(200), Decimal(1), "USD",
        END, "open",
    )  # fmt: skip


def filled(seq, number, **kw):
    return event(seq, "fill", {"fill": to_plain(fill(number, **kw))})


def venue(seq, state):
    return event(seq, "venue", {"state": state, "reason": ""})


def told(*events):
    return Book().after(events).orders[KEY]


SENT = (
    proposed(),
    verdict(2, "needs_human"),
    event(3, "approved", {"approver": "ana"}),
    verdict(4, "approved", "send"),
    event(5, "send_intent", {"venue": "paper", "client_order_id": KEY}),
)


@pytest.mark.parametrize(("old", "new"), list(itertools.product(S, S)))
def test_every_move_is_on_the_list_or_a_conflict(old, new):
    if new in MOVES[old]:
        assert move(old, new, "x") is new
    else:
        with pytest.raises(Conflict):
            move(old, new, "x")


def test_ends_lead_only_to_what_a_venue_says_and_every_state_is_reachable():
    assert all(MOVES[state] <= set(RANK) for state in TERMINAL)
    assert not MOVES[S.DECLINED]
    assert set(MOVES) == set(S)
    reached = {S.PROPOSED}
    for _ in S:
        reached |= set().union(*(MOVES[state] for state in reached))
    assert reached == set(S)
    assert not RESERVING & TERMINAL
    assert not any(may_move(state, S.PROPOSED) for state in S)


def test_a_story_is_folded_into_a_record():
    record = told(*SENT, filled(6, 1), venue(7, "partial"), filled(8, 2, quantity="30"),
                  venue(9, "filled"))  # fmt: skip
    assert (record.state, record.filled, record.leaves) == (S.FILLED, 50, 0)
    assert (record.approver, record.verdict, record.average_price) == ("ana", "approved", 200)
    assert [entry.kind for entry in record.history][:3] == ["proposed", "verdict", "approved"]
    assert all(entry.sentence for entry in record.history)


def test_the_same_fill_told_twice_is_one_fill():
    events = (*SENT, filled(6, 1), filled(7, 1))
    assert told(*events).filled == 20
    assert len(Book().after(events).fills) == 1


def test_the_order_in_which_fills_and_words_arrive_does_not_matter():
    news = [(filled, 1), (filled, 2), (venue, "partial"), (filled, 1)]
    ends = set()
    for permuted in itertools.permutations(news):
        events = [kind(6 + n, what) for n, (kind, what) in enumerate(permuted)]
        record = told(*SENT, *events)
        ends.add((record.state, record.filled))
    assert ends == {(S.PARTIAL, Decimal(40))}


def test_a_late_fill_of_an_ended_order_counts_and_the_order_says_so():
    record = told(*SENT, venue(6, "canceled"), filled(7, 1))
    assert (record.state, record.filled) == (S.FILLED_LATE, 20)
    assert not accepts(record, S.ACCEPTED)
    assert not accepts(record, S.CANCELED, fresh=True)
    assert accepts(record, S.FILLED)


def test_a_word_moves_an_order_up_in_rank_and_only_a_fresh_one_back_while_it_lives():
    for old, new in itertools.product(RANK, S):
        record = replace(told(*SENT, venue(6, "accepted")), state=old)
        up = new in RANK and RANK[new] > RANK[old]
        assert accepts(record, new) == (up and new in MOVES[old])
        back = old in RESTING and new in RANK and new is not old and new in MOVES[old]
        assert accepts(record, new, fresh=True) == (accepts(record, new) or back)


def test_what_is_uncertain_or_being_changed_counts_in_full_and_a_held_exit_does_not():
    uncertain = {S.UNKNOWN, S.NEEDS_HUMAN, S.PENDING_CANCEL, S.PENDING_REPLACE, S.SUSPENDED}
    assert uncertain | {S.APPROVED, S.SEND_INTENT, S.SENT, S.DONE_FOR_DAY} <= RESERVING
    assert S.HELD not in RESERVING


def test_what_an_order_took_over_counts_towards_its_quantity():
    """The old order fills 20 before and 5 after the new one is proposed; 5 of 30 are left."""
    new = replace(order("new", quantity="30"), replaces=KEY)
    data = {"order": to_plain(new), "simulated": True, "venue": "paper"}
    book = Book().after((*SENT, filled(6, 1), event(7, "proposed", data, key=new.client_order_id)))
    assert book.orders[new.client_order_id].carried == 20
    book = book.after((filled(8, 2, quantity="5"),))
    record = book.orders[new.client_order_id]
    assert (record.carried, record.filled, record.leaves) == (25, 0, 5)
    book = book.after((event(9, "bust", {"execution_id": "x2"}),))
    assert book.orders[new.client_order_id].leaves == 10


def test_illegal_and_odd_events_are_refused_and_unknown_kinds_are_kept():
    with pytest.raises(Conflict):
        told(proposed(), event(2, "send_intent", {"venue": "v", "client_order_id": KEY}))
    for odd in (proposed(6), venue(6, "sold"), event(6, "fill", {"fill": {}})):
        with pytest.raises(StateError):
            told(*SENT, odd)
    with pytest.raises(StateError):
        step(None, venue(1, "filled"))
    assert told(*SENT, event(6, "weather", {})).history[-1].sentence == "Weather."


def test_a_book_takes_each_event_once_and_the_earlier_book_stays():
    first = Book().after(SENT[:2])
    second = first.after(SENT)
    assert (first.seq, second.seq) == (2, 5)
    assert first.orders[KEY].state is S.AWAITING_APPROVAL
    assert second.orders[KEY].state is S.SEND_INTENT
    assert second.after(SENT) is second


ODD = replace(
    order(limit="201", quantity="10"),
    type=OrderType.STOP_LIMIT,
    stop_price=Decimal("200.5"),
    group=OrderGroup.BRACKET,
    take_profit=Decimal(220),
    stop_loss=Decimal(180),
    stop_loss_limit=Decimal("179.5"),
    extended_hours=True,
    replaces="abc",
    slice_of="parent",
    slice_total=Decimal(100),
)


def test_what_is_written_is_read_back():
    trailing = replace(WISH, type=OrderType.TRAILING_STOP, trail_fraction=Decimal("0.05"))
    leg = replace(trailing, trail_fraction=None, trail_price=Decimal(2), leg_of="abc")
    for wish in (WISH, order(limit="200.5", quantity="0.25", principal="ana"), ODD, trailing, leg):
        assert order_from(to_plain(wish)) == wish
        assert order_from(to_plain(wish)).digest == wish.digest
    assert fill_from(to_plain(fill(1))) == fill(1)
    with pytest.raises(StateError):
        to_plain(object())
    with pytest.raises(StateError):
        to_plain(1.5)
    with pytest.raises(StateError):
        order_from({})
