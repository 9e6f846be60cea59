"""A server of crashes: forks a warm process for each life, kills it, and looks at what is left.

Reads one run a line as JSON from its input and writes one verdict a line. A run is a list of
deaths, one for each life before the last: the name of a point and which crossing of it, or the part
of a morning (a fraction of one) after which the parent kills. The last life is left alone and
checked.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from datetime import timedelta
from functools import cache
from pathlib import Path

from tests.faults.invariants import chain, settled, told_in
from tests.faults.life import Person, house, morning, venue
from tests.faults.points import Fuse, Fused, FusedVenue, fuse_inside

SHARED = Path("/dev/shm")
# "Never seen" is believed of a venue that keeps ids unique after three looks in a minute.
LOOKS, BETWEEN = 4, timedelta(seconds=31)


def folder_for_runs():
    """In memory where that can be had: a killed process loses nothing by it."""
    return Path(tempfile.mkdtemp(dir=SHARED if SHARED.is_dir() else None))


def live(folder, unique, fuse, place=None):
    """One life: settle what the one before left, then go on with the morning."""
    fuse_inside(fuse)
    place = place or house(folder)
    oracle = venue(folder, place.clock, unique)
    ledger = place.ledger()
    desk = place.desk(broker=FusedVenue(oracle, fuse), ledger=Fused(ledger, fuse))
    person = Person(desk, oracle, folder)
    person.look()
    morning(person, desk.journal._ledger)
    return desk, oracle


def last_life(folder, unique):
    """A life without a fuse, long enough to settle all; and what is wrong after it."""
    place = house(folder)
    desk, oracle = live(folder, unique, Fuse(), place)
    for _ in range(LOOKS):
        place.clock.real += BETWEEN
        Person(desk, oracle, folder).look()
    return settled(desk, oracle, told_in(folder)) + chain(folder)


def forked(work, kill_after=None):
    """Run ``work`` in a child; what it returned, or None when it was killed."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        os.close(out)
        try:
            said = work()
        except BaseException:  # noqa: BLE001 - the parent tells it
            said = [traceback.format_exc()]
        with os.fdopen(into, "w") as file:
            json.dump(said, file)
            file.flush()
        os._exit(0)
    os.close(into)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(out) as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else None


def crossings(unique):
    """Every point that a morning crosses, and how often."""
    folder = folder_for_runs()
    try:
        return forked(lambda: _counted(folder, unique))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def how_long():
    """How long a morning takes from its fork, in seconds."""
    folder = folder_for_runs()
    try:
        started = time.perf_counter()
        forked(lambda: _survived(folder, True, Fuse()))
        return time.perf_counter() - started
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _counted(folder, unique):
    fuse = Fuse()
    live(folder, unique, fuse)
    return dict(fuse.crossed)


def run(deaths, unique):
    """Die as told, once a life, then recover: what is wrong, and which deaths came to pass."""
    folder = folder_for_runs()
    died, wrong = [], []
    try:
        for death in deaths:
            if isinstance(death, float):
                moment = death * how_long()
                said = forked(lambda: _survived(folder, unique, Fuse()), kill_after=moment)
            else:
                fuse = Fuse(*death)
                said = forked(lambda fuse=fuse: _survived(folder, unique, fuse))
            died.append(said is None)
            wrong += said or []
        said = forked(lambda: last_life(folder, unique))
        wrong += ["the last life died"] if said is None else said
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"deaths": deaths, "unique": unique, "died": died, "wrong": wrong}


def _survived(folder, unique, fuse):
    live(folder, unique, fuse)
    return []


def main():
    logging.disable()  # what the desk alarms people of is what these runs are made to bring about
    if threading.active_count() > 1:
        raise SystemExit("a process with threads must not fork")
    if sys.argv[1:] == ["crossings"]:
        json.dump([crossings(True), crossings(False)], sys.stdout)
        return
    for line in sys.stdin:
        deaths, unique = json.loads(line)
        sys.stdout.write(json.dumps(run(deaths, unique)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
