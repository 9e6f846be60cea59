"""Characters that hide or steer (bidi overrides, zero width, terminal escapes), spelled out."""

from __future__ import annotations

import unicodedata

# Control, format (bidi overrides, zero width), private use, surrogates, line separators.
HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def hidden(character: str) -> bool:
    """Whether a character is invisible or steers what shows it."""
    return unicodedata.category(character) in HIDDEN


def visible(text: str) -> str:
    """``text`` with every invisible character spelled out, so that it reads as it is."""
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in "\n\t" or not hidden(c) else f"⟨U+{ord(c):04X}⟩" for c in text)
