"""Rooms: work goes on without a tab, one question at a time, and comes back after a restart."""

import asyncio

import pytest

from app.chat.room import BUSY, EMPTY, UNEXPECTED, Room
from app.chat.rooms import Rooms
from app.chat.turns import replayed
from tools.domain.errors import DataUnavailable, NotFound


def order(state):
    return {"id": "abc123", "state": state, "simulated": True}


def answered(text="Done.", orders=(), question="Should I?", tools=(), more=()):
    return {
        "type": "answer",
        "session": "s1",
        "question": question,
        "sections": [{"agent": "data", "text": text}, *more],
        "orders": list(orders),
        "tools": list(tools),
        "figures": [],
        "citations": [],
        "mind": "planner",
        "as_of": None,
    }


class Fake:
    """A conversation whose next step waits until the test says so."""

    def __init__(self, kept=None):
        self.go = asyncio.Event()
        self.kept = kept
        self.script = [{"type": "text", "agent": "data", "text": "Done."}, answered()]
        self.settling = []
        self.asked = []
        self.settled = 0

    async def ask(self, question, *, session=None, as_of=None):
        self.asked.append((question, session, as_of))
        yield {"type": "session", "session": session, "mind": "planner"}
        await self.go.wait()
        for event in self.script:
            if isinstance(event, Exception):
                raise event
            yield event

    async def settle(self, session):
        self.settled += 1
        for event in self.settling:
            yield event

    async def answer(self, session):
        if self.kept is None:
            raise NotFound(f"there is no session {session}")
        return self.kept


async def ended(room):
    """Until nobody works in the room."""
    done = asyncio.Event()
    leave = room.listeners.join(lambda turn, event: event["type"] == "end" and done.set())
    if room.busy:
        await asyncio.wait_for(done.wait(), 5)
    leave()


def kinds(turn):
    return [event["type"] for event in turn.events]


async def test_a_question_is_worked_on_in_the_background_and_every_listener_hears_it():
    talks = Fake()
    room = Room("s1", talks)
    heard, other = [], []
    room.listeners.join(lambda turn, event: heard.append(event["type"]))
    leave = room.listeners.join(lambda turn, event: other.append(event["type"]))
    assert room.ask("  Should I?  ", "2012-06-01") == ""
    leave()  # this tab was closed: the work goes on
    talks.go.set()
    await ended(room)
    assert talks.asked == [("Should I?", "s1", "2012-06-01")]
    assert heard == ["question", "session", "text", "answer", "end"]
    assert other == ["question"]
    assert room.turns[0].answer["sections"][0]["text"] == "Done."
    assert not room.busy


async def test_only_one_question_at_a_time():
    talks = Fake()
    room = Room("s1", talks)
    assert room.ask("   ") == EMPTY
    assert room.ask("first") == ""
    assert room.busy
    assert room.ask("second") == BUSY
    talks.go.set()
    await ended(room)
    assert [turn.question for turn in room.turns] == ["first"]
    assert room.ask("second") == ""
    await ended(room)
    assert len(room.turns) == 2


@pytest.mark.parametrize(
    ("failure", "shown"),
    [
        (DataUnavailable("there is no XYZ"), "there is no XYZ"),
        (ZeroDivisionError("secret detail"), UNEXPECTED),
    ],
)
async def test_a_failure_is_one_sentence_and_the_room_stays_usable(failure, shown):
    talks = Fake()
    talks.script = [failure]
    talks.go.set()
    room = Room("s1", talks)
    room.ask("Should I?")
    await ended(room)
    assert [e["text"] for e in room.turns[0].events if e["type"] == "error"] == [shown]
    assert kinds(room.turns[0])[-1] == "end"
    assert room.ask("again") == ""
    await ended(room)


async def test_a_tab_that_cannot_draw_does_not_stop_the_work():
    talks = Fake()
    talks.go.set()
    room = Room("s1", talks)
    room.listeners.join(lambda turn, event: 1 / 0)
    room.ask("Should I?")
    await ended(room)
    assert room.turns[0].answer is not None


async def test_after_a_decision_the_conversation_goes_on_once():
    talks = Fake()
    talks.script = [answered(orders=[order("awaiting_approval")])]
    talks.settling = [
        {"type": "text", "agent": "execution", "text": "Filled."},
        answered(orders=[order("filled")]),
    ]
    talks.go.set()
    room = Room("s1", talks)
    room.ask("Should I?")
    await ended(room)
    assert room.turns[0].waiting == "abc123"
    assert not room.settle("another")
    assert room.settle("abc123")
    assert not room.settle("abc123")
    await ended(room)
    assert room.turns[0].waiting is None
    assert kinds(room.turns[0])[-3:] == ["text", "answer", "end"]
    assert talks.settled == 1


async def test_a_decision_that_was_told_elsewhere_is_read_from_the_kept_answer():
    talks = Fake(kept=answered(orders=[order("filled")]))
    talks.script = [answered(orders=[order("awaiting_approval")])]
    talks.go.set()
    room = Room("s1", talks)
    room.ask("Should I?")
    await ended(room)
    assert room.settle("abc123")
    await ended(room)
    assert room.turns[0].waiting is None


async def test_an_order_of_an_earlier_question_does_not_wake_the_graph():
    talks = Fake()
    talks.script = [answered(orders=[order("awaiting_approval")])]
    talks.go.set()
    room = Room("s1", talks)
    room.ask("Should I?")
    await ended(room)
    talks.script = [answered()]
    room.ask("What is in my portfolio?")
    await ended(room)
    assert not room.settle("abc123")
    assert talks.settled == 0


async def test_a_new_process_brings_the_last_turn_back():
    call = {"id": "c1", "agent": "data", "tool": "get_quote", "ok": True, "ms": 1.0}
    kept = answered(
        tools=[{**call, "arguments": {"symbol": "IBM"}}],
        more=[{"agent": "execution", "text": "It waits."}],
        orders=[order("awaiting_approval")],
    )
    rooms = Rooms(lambda: Fake(kept=kept))
    room = await rooms.enter("s1")
    assert await rooms.enter("s1") is room
    (turn,) = room.turns
    assert turn.restored
    assert turn.asked_about == "IBM"
    assert turn.waiting == "abc123"
    agents = [e["agent"] for e in turn.events if e["type"] == "agent" and e["status"] == "start"]
    assert agents == ["data", "execution"]
    assert kinds(turn)[-2:] == ["answer", "end"]


async def test_a_session_that_never_was_is_an_empty_room():
    room = await Rooms(Fake).enter("s1")
    assert room.turns == []


async def test_closing_stops_the_work_under_way():
    talks = Fake()
    rooms = Rooms(lambda: talks)
    room = await rooms.enter("s1")
    room.ask("Should I?")
    await rooms.close()
    assert not room.busy


def test_a_replayed_turn_ends():
    assert kinds(replayed(answered()))[-1] == "end"
