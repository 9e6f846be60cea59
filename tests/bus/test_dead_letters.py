"""Dead letters stay until a person decides, and never more than there is room for."""

import threading
from datetime import UTC, datetime

import pytest

from tools.bus import dead
from tools.bus.dead import DeadLetter, DeadLetters, new_id
from tools.bus.delivery import Delivery, Retries
from tools.clock import SystemClock
from tools.domain.errors import NotFound, StateError

AT = datetime(2026, 1, 5, 15, tzinfo=UTC)


def letter(body="{}", topic="t"):
    return DeadLetter(new_id(), topic, "g", body, "ValueError: no", 3, AT)


def test_a_letter_is_there_for_the_next_process(tmp_path):
    one, other = letter('{"a": 1}'), letter(topic="u")
    for each in (one, other):
        DeadLetters(tmp_path / "d.db").keep(each)
    assert DeadLetters(tmp_path / "d.db").letters() == (one, other)
    assert DeadLetters(tmp_path / "d.db").letters("u") == (other,)
    assert DeadLetters(tmp_path / "d.db").find(one.id) == one


def test_a_letter_is_removed_once_and_then_not_found(tmp_path):
    letters, one = DeadLetters(tmp_path / "d.db"), letter()
    letters.keep(one)
    letters.remove(one.id)
    letters.remove(one.id)
    with pytest.raises(NotFound, match="dead list"):
        letters.find(one.id)


def test_the_oldest_make_room_and_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(dead, "MOST", 3)
    letters, many = DeadLetters(tmp_path / "d.db"), [letter(str(n)) for n in range(5)]
    for one in many:
        letters.keep(one)
    assert letters.letters() == tuple(many[2:])
    assert letters.lost() == 2


def test_many_threads_keep_every_letter(tmp_path):
    letters = DeadLetters(tmp_path / "d.db")
    threads = [
        threading.Thread(target=lambda: [letters.keep(letter()) for _ in range(10)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(letters.letters()) == 40


def test_a_broken_file_is_a_sentence(tmp_path):
    (tmp_path / "d.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StateError, match="dead letters"):
        DeadLetters(tmp_path / "d.db").letters()


def test_nothing_is_made_by_looking(tmp_path):
    assert DeadLetters(tmp_path / "d.db").letters() == ()
    assert list(tmp_path.iterdir()) == []


async def test_what_is_no_json_object_is_laid_aside_untried():
    laid, handled = [], []

    async def bury(one):
        laid.append(one)

    async def handle(payload):
        handled.append(payload)

    delivery = Delivery("t", "g", handle, bury, SystemClock())
    for body in (b"{", b"[1]", b"\xff\xfe", b"[" * 100_000):
        await delivery(body)
    assert [one.attempts for one in laid] == [0, 0, 0, 0]
    assert handled == []


async def test_back_off_doubles_up_to_its_limit():
    waited = []

    async def wait(seconds):
        waited.append(seconds)

    async def refuses(_):
        raise ValueError("no")

    async def bury(_):
        return

    retries = Retries(attempts=6, first_s=1.0, most_s=5.0)
    await Delivery("t", "g", refuses, bury, SystemClock(), retries=retries, wait=wait)(b"{}")
    assert waited == [1, 2, 4, 5, 5]


async def test_a_message_that_cannot_be_laid_aside_stays_with_the_broker():
    async def refuses(_):
        raise ValueError("no")

    async def full(_):
        raise StateError("the disk is full")

    with pytest.raises(StateError, match="full"):
        await Delivery("t", "g", refuses, full, SystemClock(), retries=Retries(attempts=1))(b"{}")
