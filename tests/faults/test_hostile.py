"""An agent in the attacker's hands moves nothing by itself, and breaks no limit with a yes."""

from tests.faults.hostile import attacked

# So many without any approval and as many with one: 100,000 each are run by evals.faults.
ATTACKS = 1000


def test_nothing_is_sent_that_nobody_approved():
    wrong, done = attacked(ATTACKS, 1, stamp=False)
    assert wrong == []
    assert done["sent"] == 0
    assert done["written"] > ATTACKS / 2


def test_a_person_who_approves_everything_breaks_no_limit():
    wrong, done = attacked(ATTACKS, 2, stamp=True)
    assert wrong == []
    assert done["sent"] > ATTACKS / 20
    assert done["denied"] > ATTACKS / 4
