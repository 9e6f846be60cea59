"""What most commands begin with: the settings, and the house over them."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.assembly import House


def open_house() -> House:
    """Assemble the desk from the environment, and hear from the venue about resting orders."""
    from tools.assembly import assemble
    from tools.settings import load_settings

    house = assemble(load_settings())
    house.desk.refresh()
    return house


def person() -> str:
    """Who sits at this terminal, for the ledger."""
    try:
        return f"person:{getpass.getuser()}"
    except (KeyError, OSError):
        return "person:unknown"
