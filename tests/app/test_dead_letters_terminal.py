"""``tollgate data dead`` lists, sends again and drops."""

import json
import uuid
from datetime import UTC, datetime

import pytest

from app.cli.main import run
from tests.bus.servers import URLS, reachable
from tests.contracts.bus import into, soon
from tools.bus.brokers import BrokerBus, line_of
from tools.bus.dead import DeadLetter, new_id
from tools.bus.opening import letters_in
from tools.clock import SystemClock

AT = datetime(2026, 1, 5, 15, tzinfo=UTC)


@pytest.fixture
def kept(tollgate_home):
    tollgate_home.mkdir(exist_ok=True)
    letters = letters_in(tollgate_home)
    letters.keep(DeadLetter(new_id(), "t", "g", '{"n": 1}', "ValueError: no", 5, AT))
    return letters


def test_they_are_listed_with_the_error_and_the_count(kept, capsys):
    assert run(["data", "dead", "list", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["letters"]
    assert (row["error"], row["attempts"], row["topic"]) == ("ValueError: no", 5, "t")
    assert run(["data", "dead", "list"]) == 0
    assert "ValueError: no" in capsys.readouterr().out


def test_one_is_dropped_and_another_id_is_not_found(kept, capsys):
    (letter,) = kept.letters()
    assert run(["data", "dead", "drop", letter.id]) == 0
    assert kept.letters() == ()
    assert run(["data", "dead", "drop", letter.id]) == 4
    assert "no dead letter" in capsys.readouterr().err


def test_without_a_broker_a_retry_says_what_to_do_and_keeps_it(kept, capsys):
    (letter,) = kept.letters()
    assert run(["data", "dead", "retry", letter.id]) == 10
    assert "TOLLGATE_BUS" in capsys.readouterr().err
    assert len(kept.letters()) == 1


def test_a_broker_that_is_away_keeps_it(kept, monkeypatch, unused_tcp_port):
    monkeypatch.setenv("TOLLGATE_BUS", f"redis://127.0.0.1:{unused_tcp_port}")
    assert run(["data", "dead", "retry", kept.letters()[0].id]) == 3
    assert len(kept.letters()) == 1


async def test_a_retry_reaches_the_topic_again(tollgate_home, strict_skip, monkeypatch):
    import asyncio

    if not reachable("redis"):
        strict_skip(f"no redis server at {URLS['redis']}")
    topic, seen = f"t-{uuid.uuid4().hex[:8]}", []
    tollgate_home.mkdir(exist_ok=True)
    letters = letters_in(tollgate_home)
    letters.keep(DeadLetter(new_id(), topic, "", '{"n": 1}', "ValueError: no", 5, AT))
    monkeypatch.setenv("TOLLGATE_BUS", URLS["redis"])
    monkeypatch.setenv("TOLLGATE_BUS_NAME", name := f"tollgate-{topic}")
    bus = BrokerBus(line_of(URLS["redis"], name), SystemClock())
    bus.subscribe(topic, into(seen))
    await bus.start()
    letter = letters.letters()[0]
    assert await asyncio.to_thread(run, ["data", "dead", "retry", letter.id]) == 0
    await soon(seen, 1)
    await bus.stop()
    import redis

    with redis.Redis.from_url(URLS["redis"]) as client:
        client.delete(f"{name}.{topic}")
    assert seen == [{"n": 1}]
    assert letters.letters() == ()
