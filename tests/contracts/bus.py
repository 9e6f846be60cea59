"""The exam of the Bus port, taken by every adapter.

A class derives from BusContract and gives ``make(**options)``: a bus not yet started, all of one
test over the same place; and ``elsewhere()``: one of another desk there.
"""

import asyncio

import pytest

from tools.bus.delivery import Retries
from tools.domain.errors import InputError, StateError

QUICK = Retries(attempts=3, first_s=0.01, most_s=0.02)
PATIENCE_S = 20


async def soon(seen, count):
    """Until so many were seen."""
    async with asyncio.timeout(PATIENCE_S):
        while len(seen) < count:  # noqa: ASYNC110 - the list is filled by whatever is tested
            await asyncio.sleep(0.01)


def into(seen):
    """A handler that only remembers."""

    async def handle(payload):
        seen.append(payload)

    return handle


class BusContract:
    """What every bus promises."""

    across = True  # whether two buses over the same place hear each other

    async def test_a_message_arrives_as_the_json_that_it_was(self, make):
        seen, bus = [], make()
        bus.subscribe("market.prices", into(seen))
        await bus.start()
        sent = {"price": "131.20", "n": 3, "nested": {"none": None, "list": [1.5, "é"]}}
        await bus.publish("market.prices", sent)
        await soon(seen, 1)
        await bus.stop()
        assert seen == [sent]

    async def test_messages_come_in_the_order_they_were_sent(self, make):
        seen, bus = [], make()
        bus.subscribe("orders", into(seen), "books")
        await bus.start()
        for n in range(50):
            await bus.publish("orders", {"n": n})
        await soon(seen, 50)
        await bus.stop()
        assert [row["n"] for row in seen] == list(range(50))

    async def test_one_of_a_group_gets_it_and_everyone_without_a_group_does(self, make):
        grouped, alone, other, bus = [], [], [], make()
        bus.subscribe("t", into(grouped), "g")
        bus.subscribe("t", into(grouped), "g")
        bus.subscribe("t", into(alone))
        bus.subscribe("t", into(alone))
        bus.subscribe("unlike", into(other))
        await bus.start()
        for n in range(20):
            await bus.publish("t", {"n": n})
        await soon(alone, 40)
        await soon(grouped, 20)
        await bus.stop()
        assert sorted(row["n"] for row in grouped) == list(range(20))
        assert len(alone) == 40
        assert other == []

    async def test_a_handler_that_fails_once_is_asked_again(self, make):
        seen, bus = [], make(retries=QUICK)

        async def shaky(payload):
            seen.append(dict(payload))
            payload["spoilt"] = True
            if len(seen) == 1:
                raise RuntimeError("not now")

        bus.subscribe("t", shaky, "g")
        await bus.start()
        await bus.publish("t", {"n": 1})
        await soon(seen, 2)
        await bus.stop()
        assert seen == [{"n": 1}, {"n": 1}]

    async def test_what_always_fails_is_laid_aside_with_the_error_and_the_count(
        self, make, letters
    ):
        dead, after, bus = [], [], make(retries=QUICK, letters=letters)

        async def refuses(payload):
            if payload["n"] == 1:
                raise ValueError("no such symbol")
            after.append(payload)

        bus.subscribe("t", refuses, "g")
        bus.subscribe("dead.t", into(dead))
        await bus.start()
        await bus.publish("t", {"n": 1})
        await bus.publish("t", {"n": 2})
        await soon(dead, 1)
        await soon(after, 1)
        await bus.stop()
        assert dead[0]["attempts"] == 3
        assert dead[0]["error"] == "ValueError: no such symbol"
        assert dead[0]["topic"] == "t"
        assert after == [{"n": 2}]
        (kept,) = letters.letters()
        assert kept.payload == dead[0]

    async def test_a_dead_letter_that_fails_in_its_turn_goes_round_no_more(self, make, letters):
        bus, tried = make(retries=QUICK, letters=letters), []

        async def refuses(payload):
            tried.append(payload)
            raise ValueError("no")

        bus.subscribe("t", refuses, "g")
        bus.subscribe("dead.t", refuses, "h")
        await bus.start()
        await bus.publish("t", {"n": 1})
        await soon(tried, 6)
        await bus.stop()
        assert len(tried) == 6
        assert [letter.topic for letter in letters.letters()] == ["t", "dead.t"]

    async def test_a_bus_that_is_not_started_says_so(self, make):
        with pytest.raises(StateError, match="not started"):
            await make().publish("t", {})

    @pytest.mark.parametrize(
        "payload", [{"x": float("nan")}, {"x": object()}, {"x": "y" * 1_000_001}]
    )
    async def test_what_is_no_json_or_too_large_is_refused_at_the_door(self, make, payload):
        bus = make()
        await bus.start()
        with pytest.raises(InputError):
            await bus.publish("t", payload)
        await bus.stop()

    @pytest.mark.parametrize("topic", ["", "a b", "a.*", "..", "A", "x" * 101])
    async def test_a_topic_is_plain_words(self, make, topic):
        with pytest.raises(InputError, match="topic"):
            make().subscribe(topic, into([]))

    async def test_stopping_waits_for_the_handler_that_is_at_work(self, make):
        begun, done, bus = [], [], make()

        async def slow(payload):
            begun.append(payload)
            await asyncio.sleep(0.1)
            done.append(payload)

        bus.subscribe("t", slow, "g")
        await bus.start()
        await bus.publish("t", {"n": 1})
        await soon(begun, 1)
        await bus.stop()
        assert done == [{"n": 1}]

    async def test_two_processes_hear_each_other_where_a_broker_stands_between(self, make):
        if not self.across:
            pytest.skip("the bus of one process ends with it")
        seen, ours, theirs = [], make(), make()
        theirs.subscribe("t", into(seen), "g")
        await ours.start()
        await theirs.start()
        await ours.publish("t", {"n": 1})
        await soon(seen, 1)
        await ours.stop()
        await theirs.stop()
        assert seen == [{"n": 1}]

    async def test_two_desks_at_one_broker_do_not_hear_each_other_nor_their_dead_letters(
        self, make, elsewhere, letters
    ):
        if not self.across:
            pytest.skip("the bus of one process ends with it")
        ours, dead, theirs = make(retries=QUICK, letters=letters), [], elsewhere()
        seen = {name: [] for name in ("grouped", "alone", "dead")}

        async def refuses(_):
            raise ValueError("no")

        ours.subscribe("t", refuses, "g")
        ours.subscribe("dead.t", into(dead))
        theirs.subscribe("t", into(seen["grouped"]), "g")
        theirs.subscribe("t", into(seen["alone"]))
        theirs.subscribe("dead.t", into(seen["dead"]), "h")
        await ours.start()
        await theirs.start()
        await ours.publish("t", {"n": 1})
        await soon(dead, 1)
        for topic in ("t", "dead.t"):
            await theirs.publish(topic, {"n": 2})
        for one in seen.values():
            await soon(one, 1)
        await ours.stop()
        await theirs.stop()
        assert list(seen.values()) == [[{"n": 2}]] * 3
        assert [row["topic"] for row in dead] == ["t"]
        assert len(letters.letters()) == 1

    async def test_a_group_that_was_away_gets_what_it_missed(self, make):
        if not self.across:
            pytest.skip("the bus of one process ends with it")
        seen, first, ours = [], make(), make()
        first.subscribe("t", into(seen), "g")
        await first.start()
        await first.stop()
        await ours.start()
        await ours.publish("t", {"n": 1})
        await ours.stop()
        again = make()
        again.subscribe("t", into(seen), "g")
        await again.start()
        await soon(seen, 1)
        await again.stop()
        assert seen == [{"n": 1}]
