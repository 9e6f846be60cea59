"""The open line to a venue that lives in the same process."""

from __future__ import annotations


class AlwaysUp:
    """Implements ``tools.ports.News``: nothing is ever heard on it, and it is up until closed."""

    def __init__(self) -> None:
        """Open at once."""
        self._open = True

    def connected(self) -> bool:
        """Whether it has not been closed."""
        return self._open

    def close(self) -> None:
        """Hang up."""
        self._open = False
