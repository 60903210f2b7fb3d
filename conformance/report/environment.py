"""The templates' environment: everything escaped, nothing undefined, and filters for UIDs, bytes and times."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.filters import do_mark_safe
from markupsafe import Markup

from conformance.evidence.text import clean


@cache
def environment() -> Environment:
    """The one environment of the reports. Autoescape is on for every template, whatever its name."""
    made = Environment(
        loader=PackageLoader("conformance.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=_visible,
    )
    made.filters["uid"] = uid_words
    made.filters["hex"] = spaced_hex
    made.filters["seconds"] = seconds
    return made


def stylesheet(name: str) -> Markup:
    """A style sheet of the package, to stand inside a style element."""
    return do_mark_safe((files("conformance.report") / "templates" / name).read_text(encoding="utf-8"))


def _visible(value: Any) -> Any:
    """Strings once more without control characters, as a results.json may come from anywhere."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return clean(value, limit_chars=None, newlines=True)


def uid_words(named: dict[str, str]) -> str:
    """`CT Image Storage (1.2.840…)`, or the UID alone."""
    return f"{named['name']} ({named['uid']})" if named["name"] else named["uid"]


def spaced_hex(digits: str) -> str:
    """Hexadecimal digits in pairs, upper case."""
    return " ".join(digits[i : i + 2] for i in range(0, len(digits), 2)).upper()


def seconds(value: float) -> str:
    """A time in seconds to the millisecond, below 1 ms to the microsecond."""
    return f"{value:.6f} s" if 0 < value < 0.001 else f"{value:.3f} s"
