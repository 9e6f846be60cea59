"""Text from a kept document as text of a page: escaped, and nothing in it hides or steers."""

from __future__ import annotations

import unicodedata
from html import escape

# Control, format (bidi overrides, zero width), private use, surrogates, line separators.
HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def safe(text: object) -> str:
    """Escaped for HTML, in an attribute too; invisible characters are spelled out."""
    words = str(text)
    if not (words.isascii() and words.isprintable()):
        words = "".join(
            f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in HIDDEN else c for c in words
        )
    return escape(words)
