"""The one exception of the configuration, and how foreign text is shown in it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_SHOWN_MAX_CHARACTERS: Final = 80


class ConfigError(ValueError):
    """Something a person wrote cannot be used. `str()` is one line: what, value, limit.

    Attributes:
        hint: What to do about it, in one line; empty if the message says it all.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(one_line(message))
        self.hint = one_line(hint)


def one_line(text: str) -> str:
    """The text with everything a terminal would act on (line ends and escape sequences too) written as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def shown(value: object) -> str:
    """The value as an error quotes it: `repr`, so that nothing odd reaches a terminal, and of bounded length."""
    text = repr(value)
    return text if len(text) <= _SHOWN_MAX_CHARACTERS else f"{text[:_SHOWN_MAX_CHARACTERS]}… ({len(text)} characters)"


def without_credentials(url: str) -> str:
    """The URL without a user name and a password, for an error."""
    scheme, slashes, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}"


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most similar to the name, if any is similar at all."""
    found = get_close_matches(name, list(candidates), n=1, cutoff=0.6)
    return str(found[0]) if found else None
