"""``python -m app`` and ``tollgate``: run a command, turn every error into a sentence."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; a TradingError becomes its sentence and its exit status."""
    from app.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
