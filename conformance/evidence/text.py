"""Strings of the peer made safe to keep and to show: cut, and with nothing in them that a reader would obey."""

from __future__ import annotations

import unicodedata
from typing import Final

TEXT_LIMIT_CHARS: Final = 2000
_OBEYED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (bidirectional overrides), surrogate, private, unassigned, line and paragraph separators."""


def clean(text: object, *, limit_chars: int | None = TEXT_LIMIT_CHARS, newlines: bool = False) -> str:
    r"""A string with control, format and surrogate characters shown as `\x1b`, `\u202e` or `\U000e0001`.

    What it gives back can stand in JSON, XML, CSV, a terminal and, escaped, in HTML. A longer string keeps its first
    `limit_chars` characters and says how long it was.

    Args:
        text: Anything; `str` of it is taken.
        limit_chars: How many characters of the original are kept; None keeps all, for what was cut when it was kept.
        newlines: Whether line feeds and tabs stay as they are.
    """
    whole = str(text)
    kept = whole if limit_chars is None else whole[:limit_chars]
    tail = f"… ({len(whole)} characters)" if len(kept) < len(whole) else ""
    if kept.isascii() and kept.isprintable():
        return kept + tail
    return "".join(_shown(character, newlines) for character in kept) + tail


def _shown(character: str, newlines: bool) -> str:
    if character.isascii() and character.isprintable():
        return character
    if newlines and character in "\n\t":
        return character
    if unicodedata.category(character) not in _OBEYED:
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
