"""A venue that hands everything on to another; what a test changes is on top of it."""

from __future__ import annotations

from typing import Any


class Passing:
    """Every call that isn't its own goes to ``inner``."""

    inner: Any

    def __getattr__(self, name: str) -> Any:
        """What this class doesn't have itself."""
        if name == "inner":
            raise AttributeError(name)
        return getattr(self.inner, name)
