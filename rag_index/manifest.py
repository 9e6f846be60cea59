"""The one small file that says which table is the index; replacing it is what publishes a build."""

from __future__ import annotations

import json
import os
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path

from rag_index.errors import BUILD, IndexCorrupt, IndexMissing

NAME = "manifest.json"
FORMAT = 3


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was built: `fingerprint` covers the articles, the chunker and the model.

    `version` is the one of the LanceDB table that readers see, `pending` counts the small updates
    since the table was last compacted. In a Weaviate server `version` counts the clean-ups there,
    `hidden` names what readers must not see until the next one, and `companies` holds each company
    with its ticker and how many documents it has, `latest` the newest moment as ISO 8601.
    """

    format: int
    generation: int
    table: str
    version: int
    fingerprint: str
    model: str
    articles: int
    chunks: int
    snapshot_sha256: str | None
    pending: int = 0
    hidden: tuple[str, ...] = ()
    companies: tuple[tuple[str, str, int], ...] = ()
    latest: str = ""


def table_name(generation: int) -> str:
    """Name the table of a generation."""
    return f"chunks_{generation}"


def snapshot_path(folder: Path, generation: int) -> Path:
    """Name the snapshot file of a generation."""
    return folder / f"{table_name(generation)}.npz"


def read_manifest(folder: Path) -> Manifest:
    """Read the folder's manifest; raises IndexMissing or IndexCorrupt."""
    path = folder / NAME
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise IndexMissing(f"there is no knowledge index in {folder}: {BUILD}") from error
    except (OSError, ValueError) as error:
        raise IndexCorrupt(f"{path} can't be read ({error}): {BUILD}") from error
    needed = {field.name for field in fields(Manifest) if field.default is MISSING}
    known = {field.name for field in fields(Manifest)}
    if (
        not isinstance(plain, dict)
        or not needed <= set(plain) <= known
        or plain["format"] != FORMAT
    ):
        raise IndexCorrupt(f"{path} was written by another version of Tollgate: {BUILD}")
    lists = {
        "hidden": tuple(plain.get("hidden", ())),
        "companies": tuple(tuple(one) for one in plain.get("companies", ())),
    }
    return Manifest(**plain | lists)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest in place in one step, on disk before it returns."""
    path = folder / NAME
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
