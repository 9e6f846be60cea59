"""Where warnings and defects are written: a file in the state folder, never the person's screen."""

from __future__ import annotations

import logging
from pathlib import Path


def log_to(state: Path) -> None:
    """Send warnings and worse to ``tollgate.log``, unless the process logs somewhere already."""
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.FileHandler(state / "tollgate.log", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
