"""Many runs of the server of crashes: every point, every pair of points, and random moments."""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

# As many runs for one server: few enough to share them out, many enough to pay for its start.
BATCH = 30
ROOT = Path(__file__).absolute().parents[2]
SERVER = [sys.executable, "-m", "tests.faults.crash"]


# The points that matter most: around every commit that an order hangs on, every call of the venue,
# the sender's turn, the disk and the heads of the audit.
CORE = tuple(
    f"{when} {what}"
    for whats in (
        ("commit of approved", "commit of send_intent", "commit of pending_replace"),
        ("commit of fill", "commit of venue", "commit of cancel_requested", "commit of mode"),
        ("submit", "replace", "lookup", "cancel", "cancel_all", "open_orders", "account"),
        ("lease", "disk", "head"),
    )
    for what in whats
    for when in ("before", "after")
)


@dataclass
class Verdict:
    """What came of many runs: how many, how many deaths, and every run that went wrong."""

    runs: int = 0
    deaths: int = 0
    points: int = 0
    wrong: list[dict[str, object]] = field(default_factory=list)

    def __str__(self):
        said = f"{self.runs} runs, {self.deaths} deaths, {len(self.wrong)} wrong"
        return said + (f" at {self.points} points" if self.points else "")


def crossings():
    """The points that a morning crosses and how often, at a unique venue and at another."""
    done = subprocess.run(
        [*SERVER, "crossings"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    if not all(isinstance(counted, dict) for counted in found):
        raise AssertionError(f"a morning without a crash fails: {found}")
    return dict(zip((True, False), found, strict=True))


def singles(most=1_000):
    """A death at each of the first ``most`` crossings of each point, for both kinds of venue."""
    return [
        ([[name, n]], unique)
        for unique, found in crossings().items()
        for name, times in found.items()
        for n in range(1, min(times, most) + 1)
    ]


def pairs(names=None):
    """Death at one point, and at another while recovering or later: every ordered pair.

    Of all points that a morning crosses, or of those in ``names``.
    """
    return [
        ([[first, 1], [second, 1]], unique)
        for unique, found in crossings().items()
        for first, second in itertools.product(names or found, repeat=2)
    ]


def random_runs(count, seed=0):
    """Deaths at random moments, two in a row, at one venue or the other."""
    rng = random.Random(seed)
    return [([rng.random(), rng.random()], rng.random() < 0.5) for _ in range(count)]


def results(runs, servers=None):
    """The verdict on runs, shared out over as many servers as there are processors."""
    count = servers or os.cpu_count() or 1
    verdict = Verdict()
    with ThreadPoolExecutor(count) as pool:
        for lines in pool.map(_served, [runs[n : n + BATCH] for n in range(0, len(runs), BATCH)]):
            for line in lines:
                said = json.loads(line)
                verdict.runs += 1
                verdict.deaths += sum(said["died"])
                if said["wrong"]:
                    verdict.wrong.append(said)
    verdict.points = len(
        {name for deaths, _ in runs for name, *_ in (d for d in deaths if isinstance(d, list))}
    )
    return verdict


def _served(runs):
    asked = "".join(json.dumps(run) + "\n" for run in runs)
    done = subprocess.run(SERVER, cwd=ROOT, input=asked, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()
