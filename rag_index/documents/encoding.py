"""Turns the bytes of a text file into text, or says that they are no text that can be read."""

from __future__ import annotations

import codecs
import re

from rag_index.documents.errors import DocumentRefused

_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_HIGH = 0.4  # of the letters; Western text has far fewer, other alphabets far more


def decode(raw: bytes, name: str, declared: str = "") -> tuple[str, str]:
    """Give the text and the name of the encoding: UTF-8, UTF-16, `declared`, or cp1252.

    Raises DocumentRefused for anything else: guessed letters would be quoted.
    """
    for encoding in _candidates(raw, declared):
        try:
            text = raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if not _CONTROL.search(text) and not (encoding == "cp1252" and _too_odd(raw)):
            return text.removeprefix("\ufeff"), encoding
        if "\x00" in text:
            break
    raise DocumentRefused(
        f"{name}: its encoding is not UTF-8, UTF-16 or Windows-1252 (or it is no text): "
        "save it as UTF-8 and add it again"
    )


def _candidates(raw: bytes, declared: str) -> list[str]:
    if raw.startswith(codecs.BOM_UTF8):
        return ["utf-8-sig"]
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    head = raw[:4000]
    if head.count(0) > len(head) // 4:  # Western text in UTF-16: every other byte is zero
        return ["utf-16-be" if head[:1] == b"\0" else "utf-16-le"]
    found = ["utf-8"]
    try:
        known = codecs.lookup(declared).name if declared else ""
    except (LookupError, ValueError):
        known = ""
    # What the web calls Latin-1 is Windows-1252.
    if known and known not in ("utf-8", "ascii", "iso8859-1", "cp1252"):
        found.append(known)
    return [*found, "cp1252"]


def _too_odd(raw: bytes) -> bool:
    letters = sum(1 for byte in raw[:200_000] if byte > 0x40)
    high = sum(1 for byte in raw[:200_000] if byte >= 0x80)
    return high > _MOST_HIGH * max(1, letters)
