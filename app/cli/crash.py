"""Where the traceback of a defect is kept: a file that only its owner can read."""

from __future__ import annotations

import os
import tempfile
import traceback
from pathlib import Path


def keep_traceback(error: Exception) -> Path | None:
    """Write the traceback to ``error.log`` in the state folder, else to a private temporary file.

    None when it can be kept nowhere.
    """
    text = "".join(traceback.format_exception(error))
    for place in (_in_state, _in_temp):
        try:
            handle, path = place()
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except Exception:  # noqa: BLE001, S112 (what failed may be the settings; try elsewhere)
            continue
        return path
    return None


def _in_state() -> tuple[int, Path]:
    from tools.settings import load_settings

    path = load_settings().state / "error.log"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    handle = os.open(path, flags, 0o600)
    os.fchmod(handle, 0o600)
    return handle, path


def _in_temp() -> tuple[int, Path]:
    handle, name = tempfile.mkstemp(prefix="tollgate-error-", suffix=".log")
    return handle, Path(name)
