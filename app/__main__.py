"""``python -m app`` and ``tollgate``: run a command, turn every error into a sentence."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line; a TradingError becomes its sentence and its exit status."""
    # Starting up imports much and drops nothing: collecting garbage meanwhile costs a tenth of a
    # cold start. A desk that stays open turns it on again.
    gc.disable()
    from app.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
