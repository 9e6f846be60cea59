"""The desk as a process of its own, on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Server:
    """A running `tollgate serve`."""

    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)


def start(home: Path, *more: str) -> Server:
    """Start the desk over ``home``, with ``more`` options; returns when it says it is there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", str(port), *more],
        cwd=ROOT,
        env=os.environ | {"TOLLGATE_HOME": str(home), "TOLLGATE_FEED": "sample"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Tollgate is at"):
            return Server(process, port)
    raise AssertionError(f"the desk did not start: {''.join(said)}")
