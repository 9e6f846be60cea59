"""What tells one desk's messages from another's on the same broker."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from pathlib import Path

from tools.domain.errors import StateError

FILE = "bus_id"


def name_in(state: Path, account: str) -> str:
    """The name of the desk with this state folder and account, the same at every start.

    Of the folder, what counts is a word that it was given once: two machines, or two containers,
    have the same path without being the same desk. StateError when it can't be kept.
    """
    path, word = state / FILE, secrets.token_hex(16)
    try:
        if not path.exists():
            # Linked when it is whole: of two processes that begin at once, both read the first's.
            draft = path.with_suffix(f".{word}")
            draft.write_text(word, "ascii")
            with suppress(FileExistsError):
                path.hardlink_to(draft)
            draft.unlink()
        word = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(
            f"The desk's name on the bus can't be kept in {path} ({error}). Make the folder "
            "writable, or set TOLLGATE_BUS_NAME."
        ) from None
    return "tollgate-" + hashlib.sha256(f"{word} {account}".encode()).hexdigest()[:16]
