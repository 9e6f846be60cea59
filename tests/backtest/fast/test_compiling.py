"""Machine code on disk is made anew when what it was made from changes, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT_OF_ALL = Path(__file__).resolve().parents[3]
LEVEL = "LEVEL = {}\n"
INNER = (
    "from level import LEVEL\nfrom tools.indicators.compiled import made\n\n"
    "def inner(x):\n    return x + LEVEL\n\ninner = made(inner)\n"
)
OUTER = (
    "from inner import inner\nfrom tools.indicators.compiled import made\n\n"
    "def outer(x):\n    return inner(x)\n\nouter = made(outer)\n\nprint(outer({}))\n"
)


@pytest.fixture
def room(tmp_path):
    (tmp_path / "level.py").write_text(LEVEL.format(1))
    (tmp_path / "inner.py").write_text(INNER)
    (tmp_path / "outer.py").write_text(OUTER.format(1))
    (tmp_path / "aside.py").write_text("")
    return tmp_path


def ran(room, **more):
    environment = {**os.environ, "PYTHONPATH": f"{room}{os.pathsep}{ROOT_OF_ALL}", **more}
    command = [sys.executable, str(room / "outer.py")]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, check=True, timeout=120
    )


def kept(room):
    return {path: path.stat().st_mtime_ns for path in room.rglob("*.nbc")}


def test_a_changed_file_changes_the_functions_that_call_into_it(room):
    assert ran(room).stdout == "2\n"
    first = kept(room)
    assert len(first) == 2  # they were kept, so that they could be stale
    (room / "aside.py").write_text("1 + 1\n")
    assert ran(room).stdout == "2\n"
    assert kept(room) == first
    (room / "level.py").write_text(LEVEL.format(50))
    assert ran(room).stdout == "51\n"
    assert len(kept(room)) == 2  # what was stale is gone


def test_a_second_kind_of_number_does_not_replace_the_first(room):
    ran(room)
    first = kept(room)
    (room / "more.py").write_text("from inner import inner\nprint(inner(0.5))\n")
    environment = {**os.environ, "PYTHONPATH": f"{room}{os.pathsep}{ROOT_OF_ALL}"}
    subprocess.run([sys.executable, str(room / "more.py")], env=environment, check=True)
    assert first.items() < kept(room).items()
    assert ran(room).stdout == "2\n"


@pytest.mark.parametrize("ending", ["*.nbi", "*.nbc"])
@pytest.mark.parametrize("left", [0, 30])
def test_code_that_was_cut_short_is_made_anew(room, ending, left):
    ran(room)
    for path in room.rglob(ending):
        path.write_bytes(path.read_bytes()[:left])
    assert ran(room).stdout == "2\n"
    first = kept(room)
    assert ran(room).stdout == "2\n"
    assert kept(room) == first


def test_where_nothing_can_be_written_it_runs_and_says_that_it_takes_longer(room):
    (room / "__pycache__").write_text("")  # a file, so no folder can be made of it
    nowhere = str(room / "level.py" / "cache")
    found = ran(room, NUMBA_CACHE_DIR=nowhere, HOME=nowhere, XDG_CACHE_HOME=nowhere)
    assert found.stdout == "2\n"
    assert found.stderr.count("NUMBA_CACHE_DIR") == 1
