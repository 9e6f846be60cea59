"""Characters that hide or steer (bidi overrides, zero width, terminal escapes), spelled out."""

from __future__ import annotations

import unicodedata

# Control, format (bidi overrides, zero width), private use, surrogates, line separators.
HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """``text`` with every invisible character spelled out, so that it reads as it is."""
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in HIDDEN else f"⟨U+{ord(c):04X}⟩"
        for c in text
    )
