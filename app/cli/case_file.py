"""A case for the gate, as a person writes it in a JSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from tools.domain.errors import InputError
from tools.domain.order import Order
from tools.risk.case import Case
from tools.risk.case_codec import case_from_journal, read
from tools.risk.limits import load_limits

LARGEST = 10_000_000


class CaseFile(BaseModel):
    """The parts of a case under the names of ``tools.risk.case.Case``; numbers stand in quotes.

    ``limits`` is a profile or a path. A part that is left out is unknown, and the gate refuses what
    it can't check. Nothing else may stand in the file.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    order: dict[str, Any]
    limits: str = "cautious"
    account: dict[str, Any] | None = None
    market: dict[str, Any] | None = None
    mode: str | None = None
    now: str | None = None
    wall: str | None = None
    today: str | None = None
    approval: dict[str, Any] | None = None
    dated: bool = False
    simulated_venue: bool = True
    latest: str | None = None
    reference: str | None = None
    accepts: list[dict[str, Any]] | None = None
    source: dict[str, Any] | None = None
    health: dict[str, Any] | None = None
    activity: dict[str, Any] | None = None


def read_case(path: Path) -> Case:
    """The case in a file; raises InputError naming the file, the field and what is wrong."""
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} is larger than 10 MB; that is no case")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read ({error})") from None
    try:
        file = CaseFile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise InputError(f"{path}: {where}: {first['msg']}") from None
    inputs = file.model_dump(exclude={"order", "limits"})
    try:
        order = read(Order, file.order, "order")
        return case_from_journal(order, inputs, load_limits(file.limits))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
