"""What a venue and a line may do to a desk, in schedules made from seeds.

A failing seed prints its shortest schedule; ``played(seed)`` plays one again. Many thousands are
played by ``evals.faults``.
"""

import pytest

from tests.faults.line import KINDS
from tests.faults.schedule import schedule, shortest, shown
from tests.faults.world import explained, played

SEEDS = range(150)


@pytest.mark.parametrize("first", SEEDS[::10])
def test_journal_and_venue_agree_after_every_schedule(first):
    for seed in range(first, first + 10):
        if played(seed).wrong:
            steps, unique, wrong = explained(seed)
            pytest.fail(f"seed {seed}, unique={unique}: {wrong}\n{shown(steps)}")


@pytest.mark.parametrize("seed", [3, 11, 42])
def test_the_same_seed_writes_the_same_journal(seed):
    once, again = played(seed), played(seed)
    assert once.head
    assert once == again


def test_the_schedules_have_every_kind_of_fault():
    planned = {kind for seed in SEEDS for _, _, faults in schedule(seed)[0] for _, kind in faults}
    assert len(KINDS) >= 20
    assert planned == set(KINDS)


def test_a_failing_schedule_is_cut_to_what_makes_it_fail():
    steps = [["wait", [n], [["submit", "refused"], ["lookup", "stale"]]] for n in range(9)]

    def fails(shorter):
        return any(what == "wait" and given == [4] for what, given, _ in shorter)

    assert shortest(steps, fails) == [["wait", [4], []]]
