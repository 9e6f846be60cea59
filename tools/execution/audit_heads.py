"""The verifier's reading of the signed heads: their file in the second place, and who signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.domain.errors import StateError

PURPOSE = b"tollgate ledger head 1\n"


@dataclass(frozen=True, slots=True)
class Head:
    """What a line of the heads file says: the ``n``-th head, over ``size`` events."""

    n: int
    size: int
    root: str
    at: str
    key: str
    signature: str


def lines(file: Path) -> list[str]:
    """The whole lines of a heads file, none when there is no file; StateError when unreadable."""
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StateError(f"{file} can't be read ({error.strerror or error})") from error
    return text.decode("utf-8", "replace").split("\n")[:-1]


def public_key(file: Path) -> str:
    """The Ed25519 public key in a PEM file, as hex; StateError when there is none in it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise StateError(f"{file} holds no public key ({error})") from error
    if not isinstance(key, Ed25519PublicKey):
        raise StateError(f"{file} holds no Ed25519 public key")
    return key.public_bytes_raw().hex()


def sealed(seq: int, own: str, seal: str, key: str) -> bool:
    """Whether ``key`` signed that the journal ends at event ``seq`` with that hash."""
    return _verified(key, seal, f"tollgate ledger end 1\n{seq} {own}".encode())


def check(written: list[str], trusted: str | None) -> tuple[list[Head], list[str]]:
    """The heads up to the first that is false, and what is wrong with that one.

    ``trusted`` is the public key that must have signed them; None trusts the first head's.
    """
    heads: list[Head] = []
    for line in written:
        number = len(heads) + 1
        said = "".join(_faults(line, number, heads[-1] if heads else None, trusted))
        if said:
            return heads, [said]
        heads.append(_read(line))
    return heads, []


def _faults(line: str, number: int, before: Head | None, trusted: str | None) -> Iterator[str]:
    try:
        head = _read(line)
    except (KeyError, TypeError, ValueError):
        yield f"Line {number} of the heads file is no head."
        return
    trusted = trusted or (before.key if before else head.key)
    if head.n != number:
        yield f"Line {number} of the heads file is head {head.n}: some are missing or moved."
    elif before and head.size <= before.size:
        yield f"Head {number} does not go on from the one before: the journal was forked."
    elif head.key != trusted:
        yield f"Head {number} was signed by another key ({head.key[:16]}…) than {trusted[:16]}…."
    elif not _signed(line, head):
        yield f"Head {number} was changed after it was signed."


def _read(line: str) -> Head:
    """The head in a line; TypeError or ValueError when it is none."""
    said = json.loads(line)
    numbers, texts = (said["n"], said["size"]), ("root", "at", "key", "signature")
    if not all(type(n) is int for n in numbers) or not all(type(said[t]) is str for t in texts):
        raise TypeError("not the values of a head")
    return Head(**said)


def _signed(line: str, head: Head) -> bool:
    said = json.loads(line)
    whole = _canonical(said)
    del said["signature"]
    return whole == line and _verified(
        head.key, head.signature, PURPOSE + _canonical(said).encode()
    )


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _verified(key: str, signature: str, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True
