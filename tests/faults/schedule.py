"""Lives of a desk made from a seed: what people do, what the venue does, and what goes wrong.

A schedule is a list of steps, each ``[what, arguments, faults]``, as JSON: it can be printed, cut
shorter and played again. Time is virtual and the same schedule writes the same journal, byte by
byte.
"""

from __future__ import annotations

import json
import random

from tests.faults.line import FAULTS

SYMBOLS = ("IBM", "MSFT")
LIMITS = {"IBM": ("150", "195", "205"), "MSFT": ("24", "29", "31")}

# What happens, and how often in comparison.
WEIGHTS = {
    "order": 30,
    "look": 14,
    "recover": 6,
    "refresh": 8,
    "reconcile": 6,
    "cancel": 10,
    "change": 8,
    "trade": 10,
    "wait": 10,
    "expire": 2,
    "external": 2,
    "adjust": 1,
    "pay": 1,
    "overfill": 1,
    "bust": 1,
    "jump": 3,
    "restart": 4,
    "halt": 1,
    "resume": 10,
    "hint": 3,
    "drop": 1,
}


def schedule(seed, length=16):
    """The schedule of a seed, and whether its venue keeps ids unique."""
    rng = random.Random(seed)
    names, weights = list(WEIGHTS), list(WEIGHTS.values())
    steps = []
    for n in range(rng.randint(length // 2, length)):
        what = rng.choices(names, weights)[0]
        steps.append([what, _arguments(rng, what, n), _faults(rng)])
    return steps, rng.random() < 0.7


def _faults(rng):
    """None for most steps, one for many, and sometimes several at once."""
    count = rng.choices((0, 1, 2, 3), (50, 35, 10, 5))[0]
    found = []
    for _ in range(count):
        name = rng.choices(list(FAULTS), (5, 2, 4, 3, 1, 1, 1))[0]
        found.append([name, rng.choice(FAULTS[name])])
    return found


def _arguments(rng, what, n):
    symbol = rng.choice(SYMBOLS)
    quantity = rng.randint(2, 60)
    side = rng.choice(("buy", "buy", "sell"))
    limit = rng.choice((None, None, *LIMITS[symbol]))
    which = rng.randrange(6)
    return {
        "order": [f"w{n}", symbol, side, str(quantity), limit],
        "change": [f"w{n}", which, str(quantity), rng.choice(LIMITS[symbol])],
        "cancel": [which],
        "expire": [which],
        "bust": [which, rng.random() < 0.7],
        "hint": [which],
        "trade": [which, rng.choice((None, 1, 3))],
        "overfill": [which, 5, rng.random() < 0.7],
        "external": [symbol, side, rng.randint(1, 20), rng.random() < 0.5],
        "adjust": [symbol, rng.choice((-5, 5, 10))],
        "pay": [symbol, rng.choice((3, 12))],
        "wait": [rng.choice((1, 9, 31, 70, 400))],
        "jump": [rng.choice((-300, -10, 300))],
    }.get(what, [])


def shortest(steps, fails):
    """The shortest schedule that still fails: steps and faults are left out one by one."""
    smaller = True
    while smaller:
        smaller = False
        for shorter in _shorter(steps):
            if fails(shorter):
                steps, smaller = shorter, True
                break
    return steps


def _shorter(steps):
    half = len(steps) // 2
    if half > 1:
        yield steps[:half]
        yield steps[half:]
    for n in range(len(steps)):
        yield steps[:n] + steps[n + 1 :]
    for n, (what, arguments, faults) in enumerate(steps):
        for k in range(len(faults)):
            yield [*steps[:n], [what, arguments, faults[:k] + faults[k + 1 :]], *steps[n + 1 :]]


def shown(steps):
    """One step a line, to be pasted into ``played``."""
    return "[\n" + "".join(f"    {json.dumps(step)},\n" for step in steps) + "]"
