"""How this room compiles: its files call each other. Imported late: this imports numba."""

from pathlib import Path

from tools.indicators.compiled import Linked, leading_zeros, trailing_zeros

__all__ = ("bare", "compiled", "leading_zeros", "trailing_zeros", "typed")

_room = Linked(Path(__file__).parent)
compiled = _room.compiled
bare = _room.bare
typed = _room.typed
