"""What most commands begin with: the settings, and the house over them."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.assembly import House


def open_house(*, may_send: bool = False, live: bool = False) -> House:
    """Assemble the desk from the environment, and hear from the venue about resting orders.

    Only with ``may_send`` are orders settled that a killed process left on their way: that may
    send one, which a command that only looks must never do. ``live`` says that the person typed
    --live.
    """
    from app.logs import log_to
    from tools.assembly import assemble, need_live
    from tools.settings import load_settings

    settings = load_settings()
    if may_send:
        need_live(settings, live=live)
    house = assemble(settings, live=live)
    log_to(settings.state)
    if may_send:
        house.desk.recover()
    house.desk.refresh()
    return house


def person() -> str:
    """Who sits at this terminal, for the ledger."""
    try:
        return f"person:{getpass.getuser()}"
    except (KeyError, OSError):
        return "person:unknown"
