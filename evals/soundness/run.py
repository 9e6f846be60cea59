"""The gate against the oracle: many random orders, and long lives of accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random

from evals.soundness.case import case_of, limits_of
from evals.soundness.making import rules_from, wish_from, world_from
from evals.soundness.oracle import breaches
from evals.soundness.stateful import live
from evals.soundness.world import Rules, Wish, World
from tools.domain.verdict import Refused, Verdict
from tools.risk.gate import decide, weigh
from tools.risk.limits import Limits
from tools.risk.rules import RULES, Rule

SAME_LIMITS = 50
"""Orders before other limits are drawn: making limits costs more than judging."""


@dataclass(slots=True)
class Findings:
    """What was tried and found.

    ``breaches`` are orders that passed against the oracle, ``needless`` counts the gate's codes of
    refused orders against which the oracle has nothing at all.
    """

    orders: int = 0
    passed: int = 0
    breaches: list[str] = field(default_factory=list)
    needless: Counter[str] = field(default_factory=Counter)
    refused_alone: int = 0

    def add(self, other: Findings) -> None:
        """Take in what another run found."""
        self.orders += other.orders
        self.passed += other.passed
        self.breaches += other.breaches
        self.needless += other.needless
        self.refused_alone += other.refused_alone


@dataclass(frozen=True, slots=True)
class Soundness:
    """Counts of one run: ``wrong`` passed against the oracle, ``first`` of them in words.

    ``stricter`` are orders that the gate refused although the oracle has nothing against them.
    """

    what: str
    tried: int
    passed: int
    wrong: int
    stricter: int
    first: str


def summary(what: str, found: Findings) -> Soundness:
    """What was found, as one row."""
    first = found.breaches[0] if found.breaches else ""
    return Soundness(
        f"{what} against the oracle",
        found.orders,
        found.passed,
        len(found.breaches),
        found.refused_alone,
        first,
    )


def random_orders(count: int, seed: int, rules_used: Sequence[Rule] = RULES) -> Findings:
    """``count`` orders, each in a world of its own, against the oracle; the same for a seed.

    ``rules_used`` is the gate's rule book; another one shows whether the oracle notices.
    """
    r = Random(seed)  # noqa: S311 (a seed that anybody may know)
    found = Findings()
    for number in range(count):
        if number % SAME_LIMITS == 0:
            rules = rules_from(r)
            limits = limits_of(rules)
        world = world_from(r, rules)
        wish = wish_from(r, world, number)
        verdict = weigh(case_of(world, wish, limits), rules_used)
        against = breaches(world, wish)
        found.orders += 1
        if not isinstance(verdict, Refused):
            found.passed += 1
            if against:
                found.breaches.append(
                    f"seed {seed} order {number}: {sorted(against)} {wish} {world}"
                )
        elif not against:
            found.refused_alone += 1
            found.needless.update({reason.code for reason in verdict.reasons if reason.hard})
    return found


def stateful(steps: int, seed: int) -> Findings:
    """``steps`` steps of accounts that live on; ``breaches`` says what became untrue."""
    made: dict[int, tuple[Rules, Limits]] = {}

    def passes(world: World, wish: Wish) -> bool:
        key = id(world.rules)
        if key not in made:
            made.clear()
            made[key] = (world.rules, limits_of(world.rules))
        verdict: Verdict = decide(case_of(world, wish, made[key][1]))
        return not isinstance(verdict, Refused)

    wrong, passed = live(steps, seed, passes)
    return Findings(steps, passed, wrong)


def in_parts(what: str, count: int, seed: int, workers: int, part: int) -> Iterator[Findings]:
    """``count`` orders or steps on several processes; what was found so far after each part."""
    parts: dict[str, Callable[[int, int], Findings]] = {"orders": random_orders, "steps": stateful}
    found = Findings()
    sizes = [part] * (count // part) + ([count % part] if count % part else [])
    with ProcessPoolExecutor(workers) as pool:
        for one in pool.map(parts[what], sizes, range(seed, seed + len(sizes))):
            found.add(one)
            yield found
