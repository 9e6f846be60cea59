"""Each source's word on trading: the strictest wins, and what isn't known is HALTED."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doubles import END, WALL, FakeClock, week
from tools.domain.errors import DataUnavailable
from tools.domain.portfolio import Health
from tools.execution.book import Book
from tools.monitoring import words
from tools.monitoring.agreement import Agreement
from tools.monitoring.beside import in_folder, in_memory
from tools.monitoring.switch import Switch
from tools.monitoring.watch import Watch
from tools.monitoring.words import Word, strictest_of
from tools.ports import Event
from tools.risk.limits import load_limits
from tools.risk.mode import Mode

D = Decimal
LIMITS = load_limits()
AGREES = Health(WALL, (), connected=True)


@pytest.fixture
def watch(tmp_path):
    found = Watch(week(), FakeClock(END), LIMITS, Switch(tmp_path))
    found.health = AGREES
    found.look(Book())
    return found


def event(seq, kind, **data):
    return Event(seq, WALL, kind, "", data, "", "")


def test_when_every_source_agrees_trading_is_active(watch):
    assert watch.mode_of(Book()) is Mode.ACTIVE
    assert {word.source for word in watch.standing(Book())} == {
        "operator",
        "switch",
        "monitoring",
        "data",
        "broker",
    }


@given(st.lists(st.sampled_from(list(Mode)), min_size=1))
def test_the_strictest_word_wins(modes):
    assert strictest_of(Word("x", mode, "") for mode in modes) is min(modes)


def test_nobody_answering_is_halted():
    assert strictest_of(()) is Mode.HALTED


def test_what_was_never_looked_at_is_halted(tmp_path):
    new = Watch(week(), FakeClock(END), LIMITS, Switch(tmp_path))
    assert new.mode_of(Book()) is Mode.HALTED
    new.look(Book())
    assert new.mode_of(Book()) is Mode.HALTED  # the venue was never heard
    new.health = AGREES
    assert new.mode_of(Book()) is Mode.ACTIVE


@pytest.mark.parametrize(
    ("mode", "means"),
    [("HALTED", 0), ("REDUCE_ONLY", 1), ("ACTIVE", 2), ("", 2), ("nonsense", 0), ("active", 0)],
)
def test_the_operators_word_is_the_journals_and_an_unknown_one_is_halted(watch, mode, means):
    assert watch.mode_of(Book(mode=mode)) == means


def test_a_tripwire_halts_until_a_person_resumes(watch):
    book = Book().after([event(1, "tripped", reason="It broke.")])
    assert watch.mode_of(book) is Mode.HALTED
    again = book.after([event(2, "mode", mode="HALTED"), event(3, "mode", mode="REDUCE_ONLY")])
    assert watch.mode_of(again) is Mode.HALTED
    lifted = again.after([event(4, "mode", mode="ACTIVE")])
    assert (lifted.trips, watch.mode_of(lifted)) == ((), Mode.ACTIVE)


def test_a_milder_word_of_a_person_never_loosens_a_stricter_one():
    book = Book().after([event(1, "mode", mode="HALTED"), event(2, "mode", mode="REDUCE_ONLY")])
    assert book.mode == "HALTED"


def test_prices_that_cannot_be_read_halt(tmp_path, watch):
    market = week()
    broken = Watch(market, FakeClock(END), LIMITS, Switch(tmp_path))
    broken.health = AGREES

    def gone():
        raise DataUnavailable("the feed is down")

    market.latest = gone
    broken.look(Book())
    assert broken.mode_of(Book()) is Mode.HALTED


def test_a_stale_snapshot_of_all_prices_reduces(tmp_path):
    for late, mode in ((timedelta(0), Mode.ACTIVE), (timedelta(seconds=1), Mode.REDUCE_ONLY)):
        clock = FakeClock(END + timedelta(days=LIMITS.stale_market_days) + late)
        old = Watch(week(), clock, LIMITS, Switch(tmp_path))
        old.health = AGREES
        old.look(Book())
        assert old.mode_of(Book()) is mode


def test_a_clock_that_jumps_back_behind_the_ledger_halts_until_it_is_right():
    book = Book(at=WALL)
    for back, mode in ((0, Mode.ACTIVE), (2, Mode.ACTIVE), (3, Mode.HALTED), (300, Mode.HALTED)):
        clock = FakeClock(END, WALL - timedelta(seconds=back))
        assert words.data(week(), clock, LIMITS, book).mode is mode


@pytest.mark.parametrize(
    ("health", "mode"),
    [
        (None, Mode.HALTED),
        (Health(None, ("no answer",), connected=False), Mode.HALTED),
        (Health(WALL, (), connected=False), Mode.REDUCE_ONLY),
        (Health(WALL, ("The venue holds 5 IBM",), connected=True), Mode.REDUCE_ONLY),
        (Health(WALL - timedelta(seconds=120), (), connected=True), Mode.ACTIVE),
        (Health(WALL - timedelta(seconds=121), (), connected=True), Mode.REDUCE_ONLY),
        (Health(WALL + timedelta(seconds=2), (), connected=True), Mode.ACTIVE),
        (Health(WALL + timedelta(seconds=3), (), connected=True), Mode.REDUCE_ONLY),
    ],
)
def test_the_brokers_word_is_how_far_and_how_lately_it_agreed(health, mode):
    assert words.broker(health, WALL, LIMITS).mode is mode


def test_news_that_stopped_arriving_reduce_at_once(watch):
    watch.hears = lambda: False
    assert watch.mode_of(Book()) is Mode.REDUCE_ONLY


def test_the_file_halts_whether_or_not_it_can_be_read(tmp_path):
    switch = Switch(tmp_path)
    assert switch.word().mode is Mode.ACTIVE
    for make in (lambda: switch.path.touch(mode=0o000), switch.path.mkdir):
        make()
        assert switch.word().mode is Mode.HALTED
        switch.path.rmdir() if switch.path.is_dir() else switch.path.unlink()
    switch.path.symlink_to("nowhere")
    assert switch.word().mode is Mode.HALTED


def test_a_state_folder_that_is_gone_halts(tmp_path):
    assert Switch(tmp_path / "gone").word().mode is Mode.HALTED


def test_the_file_can_be_written_again_and_removed_twice(tmp_path):
    switch = Switch(tmp_path)
    switch.turn_on("ana: storm")
    switch.turn_on("bo: again")
    assert "bo" in switch.path.read_text()
    switch.turn_off()
    switch.turn_off()
    assert switch.word().mode is Mode.ACTIVE


def test_a_switch_in_memory_halts_and_lets_trade_again():
    switch = in_memory().switch
    assert switch.word().mode is Mode.ACTIVE
    for said in ("ana: storm", ""):
        switch.turn_on(said)
        assert switch.word().mode is Mode.HALTED
    switch.turn_off()
    assert switch.word().mode is Mode.ACTIVE


def test_the_last_comparison_is_recalled_from_a_folder_and_from_memory(tmp_path):
    found = Agreement("paper", "venue", END, ("odd",), {"": D("1.5"), "IBM": D(-2)}, blocked=True)
    for agreements in (in_folder(tmp_path).agreements, in_memory().agreements):
        assert agreements.recall("paper", "venue") is None
        agreements.remember(found)
        assert agreements.recall("paper", "venue") == found
    assert in_folder(tmp_path).agreements.recall("another", "venue") is None
    (tmp_path / "reconciled.json").write_text("{")
    assert in_folder(tmp_path).agreements.recall("paper", "venue") is None
