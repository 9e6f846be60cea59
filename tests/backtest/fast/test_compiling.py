"""Machine code on disk is made anew when a file that it was made from changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT_OF_ALL = Path(__file__).resolve().parents[3]
INNER = "from room import linked\n\n@linked.compiled\ndef inner(x):\n    return x + {}\n"
OUTER = (
    "from inner import inner\nfrom room import linked\n\n"
    "@linked.compiled\ndef outer(x):\n    return inner(x)\n\n"
    "print(outer(1))\n"
)
ROOM = (
    "from pathlib import Path\nfrom tools.indicators.compiled import Linked\n\n"
    "linked = Linked(Path(__file__).parent)\n"
)


def test_a_changed_file_changes_the_functions_that_call_into_it(tmp_path):
    def answer():
        environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT_OF_ALL}"}
        command = [sys.executable, str(tmp_path / "outer.py")]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=True, timeout=120
        )
        return int(done.stdout)

    (tmp_path / "room.py").write_text(ROOM)
    (tmp_path / "outer.py").write_text(OUTER)
    (tmp_path / "inner.py").write_text(INNER.format(1))
    assert answer() == 2
    assert list(tmp_path.rglob("outer.outer-*.nbc"))  # it was kept, so that it could be stale
    (tmp_path / "inner.py").write_text(INNER.format(50))
    assert answer() == 51
