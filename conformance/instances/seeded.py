"""Numbers, digits, dates and bytes that follow from a text alone: the same in every process and on every machine.

Nothing here uses `hash()`, the clock or a random generator.
"""

import datetime
import hashlib
from typing import Final

_FIRST_DAY: Final = datetime.date(2001, 1, 1)
_DAYS: Final = 365 * 20


def number(text: str, limit: int) -> int:
    """Return the number from 0 to `limit` - 1 that belongs to `text`."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big") % limit


def digits(text: str, count: int) -> str:
    """Return `count` decimal digits that belong to `text`, the first of them not zero."""
    lowest = 10 ** (count - 1)
    return str(lowest + number(text, 9 * lowest))


def hexadecimal(text: str, count: int) -> str:
    """Return `count` (at most 64) upper-case hexadecimal digits that belong to `text`."""
    return hashlib.sha256(text.encode()).hexdigest()[:count].upper()


def octets(text: str, count: int) -> bytes:
    """Return `count` bytes that belong to `text` and look like noise."""
    return hashlib.shake_256(text.encode()).digest(count)


def date(text: str) -> str:
    """Return the DA value, in the years 2001 to 2020, that belongs to `text`."""
    return (_FIRST_DAY + datetime.timedelta(days=number(text + "/date", _DAYS))).strftime("%Y%m%d")


def birth_date(text: str) -> str:
    """Return the DA value, in the years 1931 to 1970, that belongs to `text`."""
    first = datetime.date(1931, 1, 1)
    return (first + datetime.timedelta(days=number(text + "/birth", 365 * 39))).strftime("%Y%m%d")


def time(text: str, *, plus_s: int = 0) -> str:
    """Return the TM value, from 08:00 to 16:00 plus `plus_s` seconds, that belongs to `text`."""
    second = 8 * 3600 + number(text + "/time", 8 * 3600) + plus_s
    return f"{second // 3600 % 24:02d}{second // 60 % 60:02d}{second % 60:02d}"
