"""Only the moves on the list, and a record that any retelling of the same events leaves alike."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.doubles import END, order
from tools.domain.errors import Conflict, StateError
from tools.domain.order import TERMINAL, Fill, OrderState, Side
from tools.execution.book import Book
from tools.execution.codec import fill_from, order_from, to_plain
from tools.execution.record import accepts, step
from tools.execution.states import MOVES, RESERVING, may_move, move
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


def test_terminal_states_lead_nowhere_and_every_state_is_reachable():
    assert all(not MOVES[state] for state in TERMINAL)
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


def test_a_late_fill_of_an_ended_order_still_counts_but_moves_no_state():
    record = told(*SENT, venue(6, "canceled"), filled(7, 1))
    assert (record.state, record.filled) == (S.CANCELED, 20)
    assert not accepts(record, S.ACCEPTED)
    assert not accepts(record, S.FILLED)


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


def test_what_is_written_is_read_back():
    for wish in (WISH, order(limit="200.5", quantity="0.25", principal="ana")):
        assert order_from(to_plain(wish)) == wish
        assert order_from(to_plain(wish)).digest == wish.digest
    assert fill_from(to_plain(fill(1))) == fill(1)
    with pytest.raises(StateError):
        to_plain(object())
    with pytest.raises(StateError):
        to_plain(1.5)
    with pytest.raises(StateError):
        order_from({})
