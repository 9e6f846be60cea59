"""``python -m app`` and ``tollgate``: run a command, turn every error into a sentence."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line; a TradingError becomes its sentence and its exit status."""
    # Starting up imports much and drops nothing: collecting garbage meanwhile costs a tenth of a
    # cold start. A desk that stays open turns it on again.
    gc.disable()
    # What the desk writes (ledger, conversations, keys of the page) is for its owner alone.
    os.umask(0o077)
    try:
        from app.cli import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:  # before the first command had begun
        print("Stopped.", file=sys.stderr)
        status = 130
    sys.exit(status)


if __name__ == "__main__":
    main()
